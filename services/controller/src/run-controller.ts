/**
 * The controller without its surroundings: reports in, record sets and events out, until the signal fires.
 * `main.ts` runs it over NATS and Redis; the embedded command runs it over libs/memory. It must not read the
 * environment or install process hooks.
 *
 *   file, API ──> bucket signpost_config ──> followManifest ──┐
 *   reports, heartbeats, verdicts ──> followInputs (H6) ──────┴─> inbox ──> reconcile (H7-H10) ──> store, events
 *   keepLeading ──> lease ─────────────────────────────────────────────────────^
 */
import { randomUUID } from 'node:crypto';

import type { ListenAddress } from '@signpost/config/listen-address';
import type { Messaging } from '@signpost/contracts/messaging';
import type { RecordWriter } from '@signpost/contracts/record-store';
import { buckets, streams } from '@signpost/contracts/subjects';
import type { Clock } from '@signpost/lifecycle/clock';

import { allUntil } from './all-until.ts';
import { createEventFeed } from './api/event-feed.ts';
import { startApi } from './api/start-api.ts';
import { apiSource } from './api-source.ts';
import type { ControllerConfig } from './config.ts';
import { followFile } from './config-store/follow-file.ts';
import { followManifest } from './config-store/follow-manifest.ts';
import { findNoPlace, type FindPlace } from './explain/explain.ts';
import { keepLeading } from './lead/keep-leading.ts';
import type { Lease } from './lead/lease.ts';
import { observeController, type ControllerTelemetry } from './observe-controller.ts';
import { INITIAL_STATE, type ControllerState } from './reconcile/controller-state.ts';
import { followInputs } from './reconcile/follow-inputs.ts';
import { Inbox } from './reconcile/inbox.ts';
import type { Input } from './reconcile/observe.ts';
import { reconcile } from './reconcile/reconcile.ts';

export interface ControllerOptions {
  readonly messaging: Messaging;
  readonly writer: RecordWriter;
  readonly config: ControllerConfig;
  readonly clock: Clock;
  readonly telemetry: ControllerTelemetry;
  readonly signal: AbortSignal;
  /** Our version, for the API's description. */
  readonly version: string;
  /** Where clients are, for explanations; absent: nowhere known. */
  readonly geo?: FindPlace;
  /** Whether the record store is reached now; absent: as the last attempt found it. */
  readonly storeConnected?: () => boolean;
  /** Uniform in [0, 1). */
  readonly draw?: () => number;
  /** Called once, when the API answers. */
  readonly onApi?: (address: ListenAddress) => void;
  /** Called whenever readiness changes: ready once health is known, or while there is no configuration yet. */
  readonly onReady?: (ready: boolean) => void;
}

/** Resolves after the signal fired and the lease was given back; rejects only by a mistake of ours. */
export async function runController(options: ControllerOptions): Promise<void> {
  const { messaging, writer, config, clock, signal } = options;
  let state: ControllerState = INITIAL_STATE;
  let lease: Lease | undefined;
  let storeReached = true;
  const storeConnected = options.storeConnected ?? (() => storeReached);
  const facts = {
    state: () => state,
    leading: () => lease?.holds() ?? false,
    messagingConnected: () => messaging.connected(),
    storeConnected,
    monotonicMs: () => clock.monotonic(),
  };
  await using open = new AsyncDisposableStack();
  const told = open.use(observeController(options.telemetry, facts));
  const observer = {
    ...told,
    storeFailed: (error: Parameters<typeof told.storeFailed>[0]) => {
      storeReached = false;
      told.storeFailed(error);
    },
    storeRecovered: () => {
      storeReached = true;
      told.storeRecovered();
    },
  };
  const inbox = new Inbox<Input>();
  const feed = createEventFeed();
  const configBucket = Promise.withResolvers<Awaited<ReturnType<Messaging['bucket']>>>();
  configBucket.promise.catch(() => undefined);
  const source = apiSource({
    facts,
    feed,
    clock,
    bucket: configBucket.promise,
    geo: options.geo ?? findNoPlace,
  });
  const api = open.use(await startApi({ ...config.api, version: options.version, source }));
  options.onApi?.(api.address);

  const create = { create: true, signal };
  const opened = await stoppedOr(signal, async () => ({
    health: await messaging.stream(streams.health, create),
    events: await messaging.stream(streams.events, create),
    config: await messaging.bucket(buckets.config, create),
    probes: await messaging.bucket(buckets.probes, create),
    verdicts: await messaging.bucket(buckets.verdicts, create),
    lease: await messaging.bucket(buckets.lease, create),
  }));
  if (opened === undefined) return;
  configBucket.resolve(opened.config);
  const holder = randomUUID();
  const stopped = Promise.withResolvers<void>();
  const setState = (next: ControllerState) => {
    const before = isReady(state);
    state = next;
    if (isReady(next) !== before) options.onReady?.(isReady(next));
  };

  await allUntil(signal, [
    async (stop) => {
      await using _events = await feed.follow(opened.events);
      await using _inputs = await followInputs({
        messaging,
        health: opened.health,
        verdicts: opened.verdicts,
        clock,
        inbox,
        fleet: () => state.fleet,
        onBad: (subject, reason) => observer.badMessage(subject, reason),
      });
      try {
        await reconcile({
          inbox,
          clock,
          core: messaging.core,
          tools: {
            ...opened,
            writer,
            source: `/signpost/controller/${holder}`,
            draw: options.draw ?? Math.random,
            observer,
          },
          lease: () => lease,
          state: () => state,
          setState,
          signal: stop,
        });
      } finally {
        stopped.resolve();
      }
    },
    (stop) =>
      keepLeading({
        bucket: opened.lease,
        clock,
        holder,
        signal: stop,
        stopped: stopped.promise,
        onLease: (next, reason) => {
          lease = next;
          if (next === undefined) observer.leadEnded(reason);
          else observer.leads(next.token);
          inbox.wake();
        },
      }),
    (stop) =>
      followManifest({
        bucket: opened.config,
        clock,
        signal: stop,
        onConfiguration: (configuration) => {
          const { pairs, zones } = configuration.topology;
          observer.configurationTaken(configuration.revision, { zones: zones.size, pairs: pairs.size });
          inbox.push({ kind: 'configuration', configuration });
        },
        onRefused: (reason) => observer.configurationRefused(reason),
      }),
    async (stop) => {
      if (config.configFile === undefined) return;
      await followFile({
        path: config.configFile,
        bucket: opened.config,
        clock,
        signal: stop,
        onApplied: ({ revision, changed }) => observer.fileApplied(config.configFile!, revision, changed),
        onMistakes: (mistakes) => observer.fileRefused(mistakes),
        onUnreadable: (error) => observer.fileUnreadable(error),
      });
    },
  ]);
}

/** Without a configuration there is nothing to wait for but the first `apply`. */
function isReady({ caughtUp, converged, configuration }: ControllerState): boolean {
  return caughtUp && (converged || configuration === undefined);
}

/** Undefined when the signal fired while it was waiting. */
async function stoppedOr<Value>(signal: AbortSignal, open: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await open();
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
