/**
 * The prober without its surroundings: assignments in, reports out, until the signal fires. `main.ts` runs it over
 * NATS; the embedded command runs it over libs/memory. It must not read the environment or install process hooks.
 *
 *   bucket -> followAssignments -> Schedule -> runProbe -> JudgedPairs -> Outbox -> reportHealth -> stream
 *                  (H1)              (H2)        (H3)          (H4)       '------- (H5) -------'
 *                                     ^--- confirmFailures ------'
 */
import type { Tracer } from '@opentelemetry/api';
import type { Messaging } from '@signpost/contracts/messaging';
import type { Assignment } from '@signpost/contracts/probe-assignment';
import { allUntil } from '@signpost/lifecycle/all-until';
import type { Clock } from '@signpost/lifecycle/clock';
import type { Logger } from '@signpost/telemetry/logger';
import type { Metrics } from '@signpost/telemetry/metrics';
import { seldom } from '@signpost/telemetry/seldom';

import { followAssignments } from './assignments/follow-assignments.ts';
import { confirmFailures, type ConfirmFailures } from './burst/confirm-failures.ts';
import { JudgedPairs, type Transition } from './judge/judged-pairs.ts';
import { observeProber, type ProberObserver } from './observe-prober.ts';
import type { ProbeResult } from './probe/probe-result.ts';
import { probeTools } from './probe/probe-tools.ts';
import { runProbe, type ProbeRequest } from './probe/run-probe.ts';
import { answerResend } from './report/answer-resend.ts';
import { Outbox, type Identity } from './report/outbox.ts';
import { reportHealth } from './report/report-health.ts';
import { sendHeartbeats } from './report/send-heartbeats.ts';
import { checkPlanner, type PlannedCheck } from './schedule/plan-checks.ts';
import { proberShift } from './schedule/probe-schedule.ts';
import type { SlotLimits } from './schedule/probe-slots.ts';
import { Schedule } from './schedule/run-schedule.ts';

export interface ProberOptions {
  readonly messaging: Messaging;
  readonly vantage: string;
  /** Stable id of this prober, unique within its vantage. */
  readonly prober: string;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Probes at once, at most: in all, and to one host. */
  readonly limits: SlotLimits;
  /** Our version, for the User-Agent. */
  readonly version: string;
  /** Called once, when the assignments were read, or when there are none to read yet. */
  readonly onReady?: () => void;
  /** What a probe is; by default a real one. */
  readonly probe?: (request: ProbeRequest, gone: AbortSignal) => Promise<ProbeResult>;
}

/** A bucket that does not exist this long after connecting is a new cluster's, not a slow server's. */
const NO_BUCKET_AFTER_MS = 2_000;

/** Resolves after the signal fired and all probes ended; rejects only by a mistake of ours. */
export async function runProber(options: ProberOptions): Promise<void> {
  const { messaging, vantage, prober, clock, logger } = options;
  const identity: Identity = { vantage, prober, incarnation: Math.floor(clock.now()) };
  const pairs = new JudgedPairs();
  using observe = observeProber(options.metrics, options.tracer, pairs);
  const outbox = new Outbox(identity, (pair) => pairs.view(pair));
  const reporting = reportHealth({ messaging, clock, outbox, observe });
  const probe = probeAndJudge(options, pairs, observe, {
    changed: (pair) => {
      outbox.changed(pair);
      reporting.wake();
    },
    judged: (...judged) => confirming.judged(...judged),
  });
  const { limits } = options;
  const schedule = new Schedule({ clock, shift: proberShift(prober), limits, probe, observe });
  using confirming = confirmFailures({ messaging, clock, identity, pairs, schedule, observe });
  const plan = checkPlanner();
  const ready = once(() => options.onReady?.());

  const onList = (assignments: readonly Assignment[]) => {
    for (const pair of pairs.assign(assignments, Math.floor(clock.now()))) {
      outbox.removed(pair);
      observe.removed(pair);
    }
    const checks = plan(assignments);
    confirming.replace(checks);
    schedule.replace(checks);
    logger.info({ assignments: assignments.length }, 'assignments taken');
    ready();
  };
  const onRefused = (key: string, reason: string) => {
    observe.refusedAssignments();
    logger.warn({ key, reason }, 'assignments refused, the last good ones stay in force');
  };

  using _resend = answerResend(messaging, identity, () => {
    const reports = outbox.resend(pairs.keys());
    reporting.wake();
    return reports;
  });
  await allUntil(options.signal, [
    (signal) => schedule.run(signal),
    (signal) => reporting.run(signal),
    (signal) => sendHeartbeats({ messaging, clock, identity, outbox }, signal),
    (signal) => followAssignments({ messaging, vantage, clock, signal, onList, onRefused }),
    (signal) => readyWithoutBucket(messaging, clock, signal, ready),
  ]);
}

interface ProbeFollowers {
  /** The state of a family of the pair changed. */
  readonly changed: (pair: string) => void;
  readonly judged: ConfirmFailures['judged'];
}

/** One probe and what follows from it: count, judge, say when a state changed, confirm what failed first. */
function probeAndJudge(
  { clock, logger, version, probe }: ProberOptions,
  pairs: JudgedPairs,
  observe: ProberObserver,
  followers: ProbeFollowers,
): (planned: PlannedCheck, gone: AbortSignal) => Promise<void> {
  const tools = probeTools(version);
  const isNews = seldom(() => clock.monotonic());
  const probeOnce = probe ?? ((request, gone) => runProbe(request, tools, gone));
  return async (planned, gone) => {
    const { assignment, check, pair } = planned;
    const beganMs = clock.now();
    const startedMs = clock.monotonic();
    const result = await probeOnce({ ...assignment, check }, gone);
    if (gone.aborted) return;
    observe.finished(planned, result, clock.monotonic() - startedMs);
    if (result.kind === 'inconclusive') {
      // It comes of a prober with too much to do, to which a line for each probe would be more of it.
      if (isNews(result.reason.replace(/\d+/, ''))) {
        logger.warn({ pair, reason: result.reason }, 'probe says nothing');
      }
      return;
    }
    const times = { startedMs, nowMs: Math.floor(clock.now()) };
    const transitions = pairs.record(pair, check.families, result, times);
    if (transitions.length > 0) {
      logTransitions(logger, planned, transitions);
      observe.changed(planned, transitions, result, beganMs);
      followers.changed(pair);
    }
    followers.judged(planned, result, startedMs, transitions);
  };
}

/** Nothing to probe is no reason to be not ready, once NATS was reached. */
async function readyWithoutBucket(
  messaging: Messaging,
  clock: Clock,
  signal: AbortSignal,
  ready: () => void,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _connected = messaging.onConnected((connected) => {
    if (connected) resolve();
  });
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (messaging.connected()) resolve();
  await promise;
  await clock.sleep(NO_BUCKET_AFTER_MS, signal);
  ready();
}

function once(call: () => void): () => void {
  let called = false;
  return () => {
    if (called) return;
    called = true;
    call();
  };
}

function logTransitions(
  logger: Logger,
  { assignment }: PlannedCheck,
  transitions: readonly Transition[],
): void {
  for (const { family, before, after } of transitions) {
    const { monitor, target } = assignment;
    const pair = { monitor, target, family };
    const warning = after.certificate?.warning;
    if (warning !== undefined && warning !== before.certificate?.warning) logger.warn(pair, warning);
    if (after.state !== before.state) {
      // That a target is up when it is first looked at is no news, and of ten thousand it is a flood.
      const level = before.state === 'unknown' && after.state === 'up' ? 'debug' : 'info';
      logger[level]({ ...pair, from: before.state, to: after.state, reason: after.reason }, 'health changed');
    } else if (after.state === 'unknown') logger.warn({ ...pair, reason: after.reason }, 'cannot be probed');
  }
}
