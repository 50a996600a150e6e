/** What the API answers from: the running controller's state, and the buckets that changes go to. */
import { randomBytes } from 'node:crypto';

import type { Check } from '@signpost/config/check-configuration';
import { matchProblem } from '@signpost/config/match-targets';
import type { Candidate } from '@signpost/contracts/candidate';
import { encodeJson } from '@signpost/contracts/decode';
import { guardKeys, viewHold } from '@signpost/contracts/guard';
import { MessagingError, type Bucket, type CoreMessaging, type Stream } from '@signpost/contracts/messaging';
import type { StoredLatencies } from '@signpost/contracts/stored-latencies';
import { subjects } from '@signpost/contracts/subjects';
import { encodeTargetHeartbeat } from '@signpost/contracts/target-heartbeat';
import { encodeTargetLoad } from '@signpost/contracts/target-load';
import type { Clock } from '@signpost/lifecycle/clock';

import type { AffinityNames } from './affinity/affinity-names.ts';
import { affinityNamesOf } from './affinity/affinity-names-of.ts';
import type { CandidateSource } from './api/candidate-routes.ts';
import type { EventFeed } from './api/event-feed.ts';
import type { OverrideSource } from './api/override-routes.ts';
import type { ApiSource } from './api/routes.ts';
import { applyConfiguration } from './config-store/apply-configuration.ts';
import {
  keepCandidate,
  type KeptCandidate,
  promoteCandidate,
  readCandidate,
} from './config-store/keep-candidate.ts';
import { drainOf } from './drain/drain-of.ts';
import { exportZone } from './export/export-zone.ts';
import { explainPast } from './explain/explain-past.ts';
import { type ClientFinder, explain } from './explain/explain.ts';
import { statusOf } from './explain/status.ts';
import { leftUnhealthy } from './explain/unhealthy-rules.ts';
import { latencyTable } from './latency/latency-keeper.ts';
import type { Observable } from './observe-controller.ts';
import { lift, liftMatching, makeOverride } from './override/change-overrides.ts';
import { healthView, holdsOf } from './reconcile/controller-state.ts';
import { compareCandidate } from './shadow/compare-candidate.ts';
import type { RecentSamples } from './shadow/recent-samples.ts';
import { matchable } from './topology/held-pool.ts';
import { showOverrides, showRemaining } from './override/show-overrides.ts';
import { presentView } from './compile/present-view.ts';

/** The buckets that requests are written to, and the stream that they are answered from. */
export interface WrittenBuckets {
  /** What was told, for what has passed. */
  readonly events: Stream;
  readonly config: Bucket;
  readonly overrides: Bucket;
  readonly guards: Bucket;
}

export interface ApiSourceOptions {
  readonly facts: Observable;
  readonly feed: EventFeed;
  readonly clock: Clock;
  readonly core: CoreMessaging;
  /** Resolves once NATS was reached. */
  readonly buckets: Promise<WrittenBuckets>;
  readonly finder: ClientFinder;
  readonly samples: RecentSamples;
  /** Round trips, as authorities are told of them. */
  readonly latencies: () => StoredLatencies;
  /** Absent: there is no secret. */
  readonly affinity?: AffinityNames | undefined;
  /** Absent: this controller follows no configuration file. */
  readonly followedFile?: string | undefined;
  /** What only this controller can check of a configuration. */
  readonly further?: readonly Check[];
}

export function apiSource({
  facts,
  feed,
  clock,
  core,
  buckets,
  finder,
  samples,
  latencies,
  affinity,
  followedFile,
  further = [],
}: ApiSourceOptions): ApiSource {
  const reached = async (): Promise<WrittenBuckets> => {
    if (!facts.messagingConnected()) throw new MessagingError('not connected');
    return buckets;
  };
  return {
    events: feed,
    followedFile,
    status: () =>
      statusOf(facts.state(), {
        leader: facts.leading(),
        messagingConnected: facts.messagingConnected(),
        storeConnected: facts.storeConnected(),
        storeProblem: facts.storeProblem(),
        monotonicMs: facts.monotonicMs(),
        wallMs: clock.now(),
      }),
    explain: (question) =>
      explain(facts.state(), question, finder, clock.now(), {
        measured: latencyTable(latencies()),
        affinity,
      }),
    explainPast: async (question, atMs) =>
      atMs > clock.now()
        ? { reason: 'that moment is still to come; leave out the time to see the present' }
        : explainPast(facts.state(), question, atMs, finder, { ...(await reached()), affinity }),
    exportZone: (zone) => {
      const state = facts.state();
      const { configuration, records, verdicts } = state;
      if (configuration === undefined) return undefined;
      return exportZone(configuration.topology, zone, {
        health: healthView(verdicts),
        view: presentView(state, clock.now(), affinity),
        serial: records?.zones.get(zone)?.facts?.soa.serial,
        wallMs: clock.now(),
      });
    },
    configuration: () => {
      const { configuration } = facts.state();
      if (configuration === undefined) return undefined;
      return { revision: configuration.revision, configuration: configuration.written };
    },
    holds: () => holdsOf(facts.state()).map(viewHold),
    approve: async (id, { by, reason }) => {
      const { guards } = await reached();
      const hold = holdsOf(facts.state()).find((held) => held.id === id);
      if (hold === undefined) return undefined;
      const approval = { by, reason, atMs: Math.floor(clock.now()) };
      await guards.put(guardKeys.approved(id), encodeJson(approval));
      return viewHold(hold);
    },
    heartbeat: (target, heartbeat) => {
      const { configuration } = facts.state();
      // Without a configuration nobody can tell; the controller that leads may have one.
      if (configuration !== undefined && !configuration.topology.listening.has(target)) return 'unexpected';
      if (!facts.messagingConnected()) throw new MessagingError('not connected');
      // By way of NATS, so that every controller hears it, above all the one that leads.
      core.publish(subjects.targetHeartbeat(target), encodeTargetHeartbeat(heartbeat));
      return 'sent';
    },
    affinityNames: (owner) => affinityNamesOf(facts.state(), owner, affinity),
    ...candidateSource({
      facts,
      clock,
      samples,
      finder,
      latencies,
      affinity,
      further,
      reach: async () => (await reached()).config,
    }),
    load: (target, load) => {
      const { configuration } = facts.state();
      if (configuration !== undefined && !configuration.topology.loadTargets.has(target)) return 'unexpected';
      if (!facts.messagingConnected()) throw new MessagingError('not connected');
      core.publish(subjects.targetLoad(target), encodeTargetLoad(load));
      return 'sent';
    },
    latency: (target, signal) => {
      const { configuration } = facts.state();
      const targets = configuration?.topology.watched.targets;
      if (targets !== undefined && !Object.hasOwn(targets, target)) return 'unexpected';
      if (!facts.messagingConnected()) throw new MessagingError('not connected');
      core.publish(subjects.latencySignal(target), encodeJson(signal));
      return 'sent';
    },
    apply: async (text, file) =>
      applyConfiguration((await reached()).config, { text, file, nowMs: clock.now(), further }),
    ...overrideSource(facts, clock, async () => (await reached()).overrides),
  };
}

interface CandidateTools extends Pick<
  ApiSourceOptions,
  'facts' | 'clock' | 'samples' | 'finder' | 'latencies' | 'affinity' | 'further'
> {
  readonly reach: () => Promise<Bucket>;
}

function candidateSource(tools: CandidateTools): CandidateSource {
  const { facts, clock, samples, finder, latencies, affinity, further = [], reach } = tools;
  const compared = ({ hash, atMs, configuration }: KeptCandidate): Candidate => ({
    hash,
    atMs,
    comparison: compareCandidate(facts.state(), configuration, samples.all(), finder, clock.now(), {
      measured: latencyTable(latencies()),
      affinity,
    }),
  });
  return {
    propose: async (text, file) => {
      const outcome = await keepCandidate(await reach(), { text, file, nowMs: clock.now(), further });
      return outcome.kind === 'kept' ? compared(outcome.candidate) : { mistakes: outcome.mistakes };
    },
    candidate: async () => {
      const kept = await readCandidate(await reach());
      return kept && compared(kept);
    },
    promote: async (hash) => promoteCandidate(await reach(), hash, clock.now()),
  };
}

function overrideSource(facts: Observable, clock: Clock, reach: () => Promise<Bucket>): OverrideSource {
  const nouns = () => {
    const { configuration } = facts.state();
    return configuration === undefined
      ? { targets: {}, pools: {} }
      : matchable(configuration.topology.watched);
  };
  const nowMs = () => Math.floor(clock.now());
  return {
    overrides: () => ({ nowMs: nowMs(), overrides: showOverrides(facts.state(), nowMs()) }),
    makeOverride: async (request) =>
      makeOverride(request, {
        bucket: await reach(),
        nouns: nouns(),
        nowMs: nowMs(),
        newId: () => randomBytes(5).toString('hex'),
      }),
    leftUnhealthy: (made, targets) => leftUnhealthy(facts.state(), made, targets, nowMs()),
    liftOverride: async (id, who) => lift(await reach(), id, { ...who, atMs: nowMs() }),
    liftMatching: async (match, who) => {
      const bucket = await reach();
      const lifted = await liftMatching(match, { ...who, atMs: nowMs() }, { bucket, nouns: nouns() });
      return { lifted: [...lifted], remaining: showRemaining(facts.state(), match, lifted, nowMs()) };
    },
    matchProblem: (match) => matchProblem(match, nouns()),
    drain: (target) =>
      drainOf(facts.state(), target, { wallMs: clock.now(), monotonicMs: facts.monotonicMs() }),
  };
}
