/**
 * H4: one more result of a probe -> the state of the family. Pure.
 *
 *   unknown --pass--> up --failure--> suspect --`fall` failures in a row--> down --`rise` passes in a row--> up
 *      |               ^-----pass--------'                                    ^
 *      '--failure--> suspect (or down when `fall` is 1; so from up) ----------'
 *
 * At birth a single pass is enough: a start must be quick, and nothing was announced yet that it could contradict.
 *
 * Probes of a burst overlap, so results may end in another order than they began in. They are judged when they end,
 * since waiting for the slowest would let a black hole hide what others already saw; but "in a row" is counted in
 * the order in which the probes began, since a probe speaks of the target from then on. So a timeout of a probe that
 * began before a pass counts no longer, and a pass that began before a failure does not take that failure back.
 * What was settled stays settled: a straggler from before it is no reason to go back.
 *
 * It must not hear of results that say nothing about the target (`inconclusive`).
 */
import type { ProbeFail, ProbePass } from '../probe/probe-result.ts';
import type { FamilyState } from './family-state.ts';

/** How many results in a row it takes; both at least 1. */
export interface Thresholds {
  readonly rise: number;
  readonly fall: number;
}

export type Conclusive = ProbePass | ProbeFail;

/** When the probe began, monotonic, and when it was judged, wall clock. */
export interface ProbeTimes {
  readonly startedMs: number;
  readonly nowMs: number;
}

export function judgeFamily(
  before: FamilyState,
  result: Conclusive,
  thresholds: Thresholds,
  times: ProbeTimes,
): FamilyState {
  const isDown = before.state === 'down';
  if (isOvertaken(before, result.kind === 'pass' ? isDown : !isDown, times)) return before;
  return result.kind === 'pass'
    ? afterPass(before, result, thresholds.rise, times)
    : afterFailure(before, result, thresholds.fall, times);
}

/** Only what contradicts the settled state can be: a result in its favour is one more, whenever it began. */
function isOvertaken(before: FamilyState, contradicts: boolean, { startedMs }: ProbeTimes): boolean {
  return contradicts && before.favourMs !== undefined && startedMs < before.favourMs;
}

function afterPass(before: FamilyState, result: ProbePass, rise: number, times: ProbeTimes): FamilyState {
  const { certificate: _old, ...rest } = before;
  const measured = {
    ...rest,
    lastPassed: true,
    roundTripMs: result.roundTripMs,
    ...(result.certificate === undefined ? {} : { certificate: result.certificate }),
  };
  if (before.state === 'down') {
    const against = [...before.against, times.startedMs];
    if (against.length < rise) return { ...measured, against };
    const reason = rise === 1 ? 'probe passed' : `${rise} probes passed in a row`;
    return settle({ ...measured, against, reason }, 'up', times);
  }
  const { favourMs, against } = inFavour(before, times);
  // Failures of probes that began later stand, and with them the suspicion and its reason.
  if (against.length > 0) return { ...before, favourMs, against };
  return settle({ ...measured, favourMs, against, reason: 'probe passed' }, 'up', times);
}

function afterFailure(before: FamilyState, result: ProbeFail, fall: number, times: ProbeTimes): FamilyState {
  const { roundTripMs: _gone, ...rest } = before;
  const measured = {
    ...rest,
    lastPassed: false,
    reason: result.reason,
    ...(result.roundTripMs === undefined ? {} : { roundTripMs: result.roundTripMs }),
    // A failure that saw none, such as a refused connection, says nothing about the certificate.
    ...(result.certificate === undefined ? {} : { certificate: result.certificate }),
  };
  if (before.state === 'down') return { ...measured, ...inFavour(before, times) };
  const against = [...before.against, times.startedMs];
  if (against.length >= fall) return settle({ ...measured, against }, 'down', times);
  if (before.state === 'suspect') return { ...measured, against };
  return { ...measured, against, state: 'suspect', sinceMs: times.nowMs };
}

/** A result that agrees with what is settled ends the rows of those against it that began no later. */
function inFavour(before: FamilyState, { startedMs }: ProbeTimes): { favourMs: number; against: number[] } {
  const favourMs = Math.max(before.favourMs ?? startedMs, startedMs);
  return { favourMs, against: before.against.filter((againstMs) => againstMs > favourMs) };
}

function settle(next: FamilyState, state: 'up' | 'down', { nowMs }: ProbeTimes): FamilyState {
  const flipped = next.settled !== undefined && next.settled !== state;
  return {
    ...next,
    state,
    settled: state,
    // The row that turned it now speaks in its favour.
    favourMs: Math.max(next.favourMs ?? -Infinity, ...next.against),
    against: [],
    sinceMs: next.state === state ? next.sinceMs : nowMs,
    flips: flipped ? next.flips + 1 : next.flips,
  };
}
