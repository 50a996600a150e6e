/**
 * What this prober holds of every (monitor, target) assigned to it: the state of each family and the flips.
 * The only place in the prober that keeps health; in memory, since a report is a fact of one process's life.
 */
import { FAMILIES, type Family } from '@signpost/contracts/health';
import type { FamilyReport, HealthReport } from '@signpost/contracts/health-report';
import { pairKey } from '@signpost/contracts/names';
import type { Assignment } from '@signpost/contracts/probe-assignment';

import type { ProbeUnable } from '../probe/probe-result.ts';
import { isUnprobed, isWorthTelling, unableFamily, unknownFamily, type FamilyState } from './family-state.ts';
import { judgeFamily, type Conclusive, type ProbeTimes } from './judge-family.ts';

/** The part of a report that says how the target is. */
export type PairView = Pick<HealthReport, 'monitor' | 'target' | 'families' | 'flips'>;

interface Pair {
  assignment: Assignment;
  families: Partial<Record<Family, FamilyState>>;
  /** Of the pair, not the sum of its families: it must not shrink when a family goes. */
  flips: number;
}

/** A change of state or of what is known beside it, for whoever reports or logs it. */
export interface Transition {
  readonly family: Family;
  readonly before: FamilyState;
  readonly after: FamilyState;
}

export class JudgedPairs {
  readonly #pairs = new Map<string, Pair>();

  /** Replaces all assignments; pairs that stay keep what is known of them. Returns the keys of those that went. */
  assign(assignments: readonly Assignment[], nowMs: number): readonly string[] {
    const gone = new Set(this.#pairs.keys());
    for (const assignment of assignments) {
      const key = pairKey(assignment.monitor, assignment.target);
      gone.delete(key);
      const known = this.#pairs.get(key);
      const families = familiesOf(assignment, known?.families ?? {}, nowMs);
      this.#pairs.set(key, { assignment, families, flips: known?.flips ?? 0 });
    }
    for (const key of gone) this.#pairs.delete(key);
    return [...gone];
  }

  /** Counts a result for the families that it speaks for; returns those of which others must hear. */
  record(
    key: string,
    families: readonly Family[],
    result: Conclusive | ProbeUnable,
    times: ProbeTimes,
  ): readonly Transition[] {
    const pair = this.#pairs.get(key);
    if (pair === undefined) return [];
    const transitions: Transition[] = [];
    for (const family of families) {
      const before = pair.families[family];
      if (before === undefined) continue; // no longer asked of us
      const after =
        result.kind === 'unable'
          ? unableFamily(before, result.reason, times.nowMs)
          : judgeFamily(before, result, pair.assignment, times);
      pair.families[family] = after;
      pair.flips += after.flips - before.flips;
      if (isWorthTelling(before, after)) transitions.push({ family, before, after });
    }
    return transitions;
  }

  /** Undefined when the pair is not assigned, or nothing is known of it yet. */
  view(key: string): PairView | undefined {
    const pair = this.#pairs.get(key);
    if (pair === undefined) return undefined;
    const { ipv4, ipv6 } = pair.families;
    if ([ipv4, ipv6].every((family) => family === undefined || isUnprobed(family))) return undefined;
    const families = {
      ...(ipv4 === undefined ? {} : { ipv4: reportOf(ipv4) }),
      ...(ipv6 === undefined ? {} : { ipv6: reportOf(ipv6) }),
    };
    return { monitor: pair.assignment.monitor, target: pair.assignment.target, families, flips: pair.flips };
  }

  /**
   * How many failures in a row, from now on, the family that lacks most is away from being down: 0 when all of
   * these families are down.
   */
  failuresMissing(key: string, families: readonly Family[]): number {
    const pair = this.#pairs.get(key);
    const missing = families.map((family) => {
      const state = pair?.families[family];
      if (pair === undefined || state === undefined || state.state === 'down') return 0;
      return pair.assignment.fall - state.against.length;
    });
    return Math.max(0, ...missing);
  }

  /** Whether none of these families is suspected or unknown. */
  isSettled(key: string, families: readonly Family[]): boolean {
    const states = this.#pairs.get(key)?.families;
    return families.every((family) => {
      const state = states?.[family]?.state;
      return state !== 'suspect' && state !== 'unknown';
    });
  }

  keys(): IterableIterator<string> {
    return this.#pairs.keys();
  }

  get size(): number {
    return this.#pairs.size;
  }

  /** Per pair that was probed: whether the last probe of each family passed. */
  *lastResults(): Generator<{ monitor: string; target: string; passed: boolean }> {
    for (const { assignment, families } of this.#pairs.values()) {
      const last = Object.values(families).flatMap(({ lastPassed }) => lastPassed ?? []);
      if (last.length === 0) continue;
      yield { monitor: assignment.monitor, target: assignment.target, passed: last.every(Boolean) };
    }
  }

  /** Per pair that showed a certificate: when the first of its families' expires, wall clock. */
  *certificateExpiries(): Generator<{ monitor: string; target: string; expiresMs: number }> {
    for (const { assignment, families } of this.#pairs.values()) {
      const seen = Object.values(families).flatMap(({ certificate }) => certificate?.expiresMs ?? []);
      if (seen.length === 0) continue;
      yield { monitor: assignment.monitor, target: assignment.target, expiresMs: Math.min(...seen) };
    }
  }
}

function familiesOf(
  assignment: Assignment,
  known: Partial<Record<Family, FamilyState>>,
  nowMs: number,
): Partial<Record<Family, FamilyState>> {
  const asked = new Set(assignment.checks.flatMap((check) => check.families));
  const families: Partial<Record<Family, FamilyState>> = {};
  for (const family of FAMILIES)
    if (asked.has(family)) families[family] = known[family] ?? unknownFamily(nowMs);
  return families;
}

function reportOf({ state, sinceMs, reason, roundTripMs, certificate }: FamilyState): FamilyReport {
  return {
    state,
    sinceMs: Math.max(0, Math.round(sinceMs)),
    reason,
    ...(roundTripMs === undefined ? {} : { roundTripMs }),
    ...(certificate?.warning === undefined ? {} : { warning: certificate.warning }),
  };
}
