/**
 * The controller without its surroundings: reports in, record sets and events out, until the signal fires.
 * `main.ts` runs it over NATS and Redis; the embedded command runs it over libs/memory. It must not read the
 * environment or install process hooks.
 *
 *   file, API ──> bucket signpost_config ──> followManifest ──┐
 *   reports, heartbeats, verdicts ──> followInputs (H6) ──────┴─> inbox ──> reconcile (H7-H10) ──> store, events
 *   keepLeading ──> lease ─────────────────────────────────────────────────────^
 *   round trips from signals and beacons ──> keepLatencies ──> store, beside that loop
 */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';

import type { ListenAddress } from '@signpost/config/listen-address';
import type { Configuration } from '@signpost/contracts/configuration';
import type { Messaging } from '@signpost/contracts/messaging';
import { allUntil } from '@signpost/lifecycle/all-until';
import type { RecordWriter } from '@signpost/contracts/record-store';
import { buckets, patterns, streams } from '@signpost/contracts/subjects';

import { affinityNames } from './affinity/affinity-names.ts';
import { affinityCheck } from './affinity/needs-secret.ts';
import { BeaconOutbox } from './beacon/beacon-outbox.ts';
import { startBeacon } from './beacon/start-beacon.ts';
import { createEventFeed, type EventFeed } from './api/event-feed.ts';
import { startApi } from './api/start-api.ts';
import { apiSource, type WrittenBuckets } from './api-source.ts';
import type { ControllerConfig } from './config.ts';
import { followFile } from './config-store/follow-file.ts';
import { followManifest } from './config-store/follow-manifest.ts';
import { Desk, type DeskOptions } from './desk.ts';
import { type ClientFinder, FINDS_NOTHING } from './explain/explain.ts';
import { keepLatencies } from './latency/keep-latencies.ts';
import { LatencyKeeper } from './latency/latency-keeper.ts';
import { observeLatency } from './latency/observe-latency.ts';
import { keepLeading } from './lead/keep-leading.ts';
import { observeController, type ControllerTelemetry } from './observe-controller.ts';
import { followInputs, type FollowInputsOptions } from './reconcile/follow-inputs.ts';
import type { LeaderTools } from './reconcile/leader-tools.ts';
import { reconcile } from './reconcile/reconcile.ts';
import { keepResolved } from './resolve/keep-resolved.ts';
import { type LookUp, openLookUp } from './resolve/look-up.ts';
import { RecentSamples } from './shadow/recent-samples.ts';
import type { Topology } from './topology/topology.ts';
import { untilOpened } from './until-opened.ts';

export interface ControllerOptions extends DeskOptions {
  readonly writer: RecordWriter;
  readonly config: ControllerConfig;
  readonly telemetry: ControllerTelemetry;
  readonly signal: AbortSignal;
  /** Our version, for the API's description. */
  readonly version: string;
  /** What is known of clients, for explanations; absent: nothing. */
  readonly finder?: ClientFinder;
  /** Finds the addresses of hosts; absent: asks the resolvers of the settings. */
  readonly lookUp?: LookUp;
  /** Uniform in [0, 1). */
  readonly draw?: () => number;
  /** Called with each configuration that is taken. */
  readonly onConfiguration?: (configuration: Configuration) => void;
  /** Called once, when the API answers. */
  readonly onApi?: (address: ListenAddress) => void;
  /** Called once, when the beacon endpoint listens. */
  readonly onBeacon?: (address: ListenAddress) => void;
}

/** Resolves after the signal fired and the lease was given back; rejects only by a mistake of ours. */
export async function runController(options: ControllerOptions): Promise<void> {
  const { messaging, config, clock, signal } = options;
  const desk = new Desk(options);
  await using open = new AsyncDisposableStack();
  const observer = open.use(observeController(options.telemetry, desk));
  const feed = createEventFeed();
  const written = Promise.withResolvers<WrittenBuckets>();
  const finder = options.finder ?? FINDS_NOTHING;
  const { core } = messaging;
  const samples = new RecentSamples();
  open.use(core.subscribe(patterns.answerSamples, samples.take));
  const keeper = new LatencyKeeper({
    clock,
    targets: () => desk.state().configuration?.topology.watched.targets,
    finder,
  });
  const { affinitySecrets = [] } = config;
  const affinity = affinityNames(affinitySecrets);
  const source = apiSource({
    facts: desk,
    feed,
    clock,
    core,
    buckets: written.promise,
    finder,
    samples,
    latencies: () => keeper.pack(),
    affinity,
    followedFile: config.configFile === undefined ? undefined : resolve(config.configFile),
    further: affinityCheck(affinitySecrets),
  });
  const onFailure = (error: unknown) => observer.apiFailed(error);
  const api = open.use(await startApi({ ...config.api, version: options.version, source, onFailure }));
  options.onApi?.(api.address);
  const holder = randomUUID();
  open.use(observeLatency(options.telemetry.metrics, keeper));
  const outbox = new BeaconOutbox({ messaging, clock, source: `/signpost/beacon/${holder}` });
  await openBeacon(options, keeper, outbox, open);

  const opened = await openAll(messaging, signal);
  if (opened === undefined) return;
  written.resolve(opened);
  const stopped = Promise.withResolvers<void>();
  const tools: LeaderTools = {
    ...opened,
    writer: options.writer,
    source: `/signpost/controller/${holder}`,
    draw: options.draw ?? Math.random,
    observer: desk.noting(observer),
    affinity,
  };
  const lease = { bucket: opened.lease, clock, holder };
  await allUntil(signal, [
    (stop) => observeAndAct(options, desk, tools, feed, stop).finally(stopped.resolve),
    (stop) =>
      keepLeading({ ...lease, signal: stop, stopped: stopped.promise, onLease: desk.onLease(observer) }),
    (stop) => followConfiguration(options, desk, tools, stop),
    (stop) => applyConfigFile(options, tools, stop),
    (stop) => outbox.run(stop),
    (stop) =>
      keepLatencies({
        keeper,
        core,
        writer: tools.writer,
        clock,
        lease: () => desk.lease,
        signal: stop,
        onBad: (subject, reason) => tools.observer.badMessage(subject, reason),
      }),
    (stop) => resolveHosts(options, desk, tools, stop),
  ]);
}

async function openBeacon(
  { config, clock, telemetry, onBeacon }: ControllerOptions,
  keeper: LatencyKeeper,
  outbox: BeaconOutbox,
  open: AsyncDisposableStack,
): Promise<void> {
  if (config.beacon === undefined) return;
  const beacon = open.use(
    await startBeacon({
      ...config.beacon,
      clock,
      isKnown: (target) => keeper.isKnown(target),
      onMeasured: (target, measurement) => outbox.add(target, measurement),
      onOutcome: (outcome) => telemetry.metrics.add('signpost_beacon_requests_total', { outcome }),
    }),
  );
  onBeacon?.(beacon.address);
}

async function observeAndAct(
  { messaging, clock }: ControllerOptions,
  desk: Desk,
  tools: LeaderTools,
  feed: EventFeed,
  signal: AbortSignal,
): Promise<void> {
  await using open = new AsyncDisposableStack();
  const inputs: FollowInputsOptions = {
    messaging,
    health: tools.health,
    verdicts: tools.verdicts,
    overrides: tools.overrides,
    guards: tools.guards,
    clock,
    inbox: desk.inbox,
    fleet: () => desk.state().fleet,
    heartbeats: () => desk.state().heartbeats,
    weighsClients: () => desk.state().configuration?.topology.weighsClients ?? false,
    onBad: (subject, reason) => tools.observer.badMessage(subject, reason),
  };
  open.use(await untilOpened(() => feed.follow(tools.events), clock, signal));
  open.use(await untilOpened(() => followInputs(inputs), clock, signal));
  await reconcile({
    inbox: desk.inbox,
    clock,
    core: messaging.core,
    tools,
    lease: () => desk.lease,
    state: () => desk.state(),
    setState: (state) => desk.setState(state),
    signal,
  });
}

function followConfiguration(
  { clock, finder, onConfiguration, config: { affinitySecrets = [] } }: ControllerOptions,
  desk: Desk,
  { config, observer }: LeaderTools,
  signal: AbortSignal,
): Promise<void> {
  return followManifest({
    bucket: config,
    clock,
    signal,
    onConfiguration: (configuration) => {
      const { pairs, zones } = configuration.topology;
      observer.configurationTaken(configuration.revision, { zones: zones.size, pairs: pairs.size });
      const asking = finder?.system === undefined ? policyOnSystems(configuration.topology) : undefined;
      if (asking !== undefined) observer.systemsUnknown(asking);
      desk.inbox.push({ kind: 'configuration', configuration });
      onConfiguration?.(configuration.topology.configuration);
    },
    onRefused: (reason) => observer.configurationRefused(reason),
    further: affinityCheck(affinitySecrets),
  });
}

/** The name of a policy with a rule on autonomous systems. */
function policyOnSystems({ configuration: { policies } }: Topology): string | undefined {
  const asks = (name: string) => policies[name]!.rules.some(({ when }) => when?.asns !== undefined);
  return Object.keys(policies).find(asks);
}

function resolveHosts(
  { config, clock, lookUp = openLookUp({ servers: config.resolvers ?? [] }) }: ControllerOptions,
  desk: Desk,
  { observer }: LeaderTools,
  signal: AbortSignal,
): Promise<void> {
  return keepResolved({
    state: () => desk.state(),
    leading: () => desk.leading(),
    lookUp,
    clock,
    signal,
    onResolved: (hosts) => desk.inbox.push({ kind: 'resolved', hosts }),
    onLookUp: (finding) => observer.hostLookedUp(finding),
    onFailing: (host, reason) => observer.hostFailing(host, reason),
  });
}

async function applyConfigFile(
  { config: { configFile, affinitySecrets = [] }, clock }: ControllerOptions,
  { config, observer }: LeaderTools,
  signal: AbortSignal,
): Promise<void> {
  if (configFile === undefined) return;
  await followFile({
    path: configFile,
    bucket: config,
    clock,
    signal,
    further: affinityCheck(affinitySecrets),
    onApplied: ({ revision, changed }) => observer.fileApplied(configFile, revision, changed),
    onMistakes: (mistakes) => observer.fileRefused(mistakes),
    onUnreadable: (error) => observer.fileUnreadable(error),
    onFailed: (error) => observer.fileNotApplied(error),
  });
}

/** The controller makes what others wait for. Undefined when the signal fired before all was there. */
async function openAll(messaging: Messaging, signal: AbortSignal) {
  const create = { create: true, signal };
  try {
    return {
      health: await messaging.stream(streams.health, create),
      events: await messaging.stream(streams.events, create),
      config: await messaging.bucket(buckets.config, create),
      probes: await messaging.bucket(buckets.probes, create),
      verdicts: await messaging.bucket(buckets.verdicts, create),
      overrides: await messaging.bucket(buckets.overrides, create),
      guards: await messaging.bucket(buckets.guards, create),
      lease: await messaging.bucket(buckets.lease, create),
    };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
