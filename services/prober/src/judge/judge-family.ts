/**
 * H4: one more result of a probe -> the state of the family. Pure.
 *
 *   unknown --pass--> up --failure--> suspect --`fall` failures in a row--> down --`rise` passes in a row--> up
 *      |               ^-----pass--------'                                    ^
 *      '--failure--> suspect (or down when `fall` is 1; so from up) ----------'
 *
 * At birth a single pass is enough: a start must be quick, and nothing was announced yet that it could contradict.
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

export function judgeFamily(
  before: FamilyState,
  result: Conclusive,
  thresholds: Thresholds,
  nowMs: number,
): FamilyState {
  return result.kind === 'pass'
    ? afterPass(before, result, thresholds.rise, nowMs)
    : afterFailure(before, result, thresholds.fall, nowMs);
}

function afterPass(before: FamilyState, result: ProbePass, rise: number, nowMs: number): FamilyState {
  const { certificate: _old, ...rest } = before;
  const measured = {
    ...rest,
    lastPassed: true,
    roundTripMs: result.roundTripMs,
    ...(result.certificate === undefined ? {} : { certificate: result.certificate }),
  };
  if (before.state !== 'down')
    return settle({ ...measured, against: 0, reason: 'probe passed' }, 'up', nowMs);
  const against = before.against + 1;
  if (against < rise) return { ...measured, against };
  const reason = rise === 1 ? 'probe passed' : `${rise} probes passed in a row`;
  return settle({ ...measured, against: 0, reason }, 'up', nowMs);
}

function afterFailure(before: FamilyState, result: ProbeFail, fall: number, nowMs: number): FamilyState {
  const { roundTripMs: _gone, ...rest } = before;
  const measured = {
    ...rest,
    lastPassed: false,
    reason: result.reason,
    ...(result.roundTripMs === undefined ? {} : { roundTripMs: result.roundTripMs }),
    // A failure that saw none, such as a refused connection, says nothing about the certificate.
    ...(result.certificate === undefined ? {} : { certificate: result.certificate }),
  };
  if (before.state === 'down') return { ...measured, against: 0 };
  const against = before.against + 1;
  if (against >= fall) return settle({ ...measured, against: 0 }, 'down', nowMs);
  if (before.state === 'suspect') return { ...measured, against };
  return { ...measured, against, state: 'suspect', sinceMs: nowMs };
}

function settle(next: FamilyState, state: 'up' | 'down', nowMs: number): FamilyState {
  const flipped = next.settled !== undefined && next.settled !== state;
  return {
    ...next,
    state,
    settled: state,
    sinceMs: next.state === state ? next.sinceMs : nowMs,
    flips: flipped ? next.flips + 1 : next.flips,
  };
}
