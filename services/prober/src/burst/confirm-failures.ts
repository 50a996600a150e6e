/**
 * H4 -> H2: a first failure is confirmed at once. This prober probes again, and asks all others on core NATS to look
 * too; asked by another, it does the same. What is found counts like any other result. It must not judge.
 */
import { CLOUD_EVENT_CONTENT_TYPE, decodeEvent, encodeEvent } from '@signpost/contracts/cloud-event';
import { type CoreMessaging, HEADER_CONTENT_TYPE } from '@signpost/contracts/messaging';
import { pairKey } from '@signpost/contracts/names';
import { probeAsked } from '@signpost/contracts/probe-now';
import { patterns, subjects } from '@signpost/contracts/subjects';
import type { Clock } from '@signpost/lifecycle/clock';

import type { Conclusive } from '../judge/judge-family.ts';
import type { ProbeUnable } from '../probe/probe-result.ts';
import type { JudgedPairs, Transition } from '../judge/judged-pairs.ts';
import type { Identity } from '../report/outbox.ts';
import type { PlannedCheck } from '../schedule/plan-checks.ts';
import type { Schedule } from '../schedule/run-schedule.ts';
import { Bursts } from './bursts.ts';

export interface ConfirmFailuresOptions {
  readonly messaging: { readonly core: Pick<CoreMessaging, 'publish' | 'subscribe'> };
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly identity: Identity;
  readonly pairs: JudgedPairs;
  readonly schedule: Pick<Schedule, 'probeSoon'>;
  readonly observe: { burst(planned: PlannedCheck, cause: BurstCause): void };
}

/** Our own first failure, or another prober's. */
export type BurstCause = 'own' | 'asked';

export interface ConfirmFailures extends Disposable {
  /** These are the checks from now on. */
  replace(checks: readonly PlannedCheck[]): void;
  /** A result was judged. */
  judged(
    planned: PlannedCheck,
    result: Conclusive | ProbeUnable,
    startedMs: number,
    transitions: readonly Transition[],
  ): void;
}

export function confirmFailures(options: ConfirmFailuresOptions): ConfirmFailures {
  const { messaging, clock, identity, pairs, schedule, observe } = options;
  const bursts = new Bursts();
  let byPair: ReadonlyMap<string, readonly PlannedCheck[]> = new Map();

  const begin = (planned: PlannedCheck, cause: BurstCause): void => {
    const missing = pairs.failuresMissing(planned.pair, planned.check.families);
    const delaysMs = bursts.begin(planned, missing, clock.monotonic());
    if (delaysMs.length === 0) return;
    observe.burst(planned, cause);
    schedule.probeSoon(planned.key, delaysMs);
  };
  const subscription = messaging.core.subscribe(patterns.probesNow, ({ data }) => {
    const event = decodeEvent(probeAsked, data);
    if (!event.ok) return; // nobody of ours sends such; and what it could ask for comes of itself
    const { monitor, target, vantage, prober } = event.value.data;
    if (vantage === identity.vantage && prober === identity.prober) return;
    const nowMs = clock.monotonic();
    for (const planned of byPair.get(pairKey(monitor, target)) ?? []) {
      if (!bursts.isActive(planned.key, nowMs) && bursts.isRested(planned, nowMs)) begin(planned, 'asked');
    }
  });

  return {
    replace: (checks) => {
      byPair = Map.groupBy(checks, ({ pair }) => pair);
      bursts.keepOnly(checks);
    },
    judged: (planned, result, startedMs, transitions) => {
      const { key, pair, assignment, check } = planned;
      const nowMs = clock.monotonic();
      if (
        transitions.some(isFirstFailure) &&
        assignment.burst !== undefined &&
        !bursts.isActive(key, nowMs)
      ) {
        ask(options, planned);
        begin(planned, 'own');
        return;
      }
      if (!bursts.isActive(key, nowMs)) return;
      const passed = result.kind === 'pass' && bursts.coversStart(key, startedMs);
      const isOver =
        pairs.failuresMissing(pair, check.families) === 0 ||
        (passed && pairs.isSettled(pair, check.families));
      if (!isOver) return;
      bursts.end(key, nowMs);
      schedule.probeSoon(key, []);
    },
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  };
}

/** With `fall: 1` there is no suspicion, and the others are to look all the same. */
function isFirstFailure({ before, after }: Transition): boolean {
  const failed = after.state === 'suspect' || after.state === 'down';
  return failed && before.state !== 'suspect' && before.state !== 'down';
}

function ask({ messaging, clock, identity }: ConfirmFailuresOptions, { assignment }: PlannedCheck): void {
  const { monitor, target } = assignment;
  const { vantage, prober, incarnation } = identity;
  const atMs = clock.now();
  const event = encodeEvent(probeAsked, {
    id: `${vantage}.${prober}-${incarnation}-now-${pairKey(monitor, target)}-${Math.floor(atMs)}`,
    source: `/signpost/prober/${vantage}/${prober}`,
    subject: `${monitor}/${target}`,
    atMs,
    data: { monitor, target, vantage, prober },
  });
  messaging.core.publish(subjects.probeNow(monitor, target), event, {
    [HEADER_CONTENT_TYPE]: CLOUD_EVENT_CONTENT_TYPE,
  });
}
