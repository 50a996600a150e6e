/**
 * Judges a pair by what other monitors conclude of the same target. Pure.
 *
 * States have one order: up, suspect, unknown, down. `all` is as bad as its worst, `any` as good as its best,
 * `at least n` as good as its n-th best, and the whole as bad as its worst condition. So `unknown` decides only
 * what the others leave open (Kleene's three-valued logic), and a suspicion is a yes that is passed on as such.
 */
import { compareHealth, type Family, type HealthState } from '@signpost/contracts/health';
import type { Verdict } from '@signpost/contracts/verdict';

import type { CalculatedRule, Condition } from '../topology/monitored-pairs.ts';
import type { Judgement } from './judgement.ts';

export interface Child {
  readonly verdict: Verdict;
  readonly settled: boolean;
}

/** `childOf`: what is concluded of this target by another monitor; undefined: nothing yet. */
export function judgeCalculated(
  rule: CalculatedRule,
  families: readonly Family[],
  childOf: (monitor: string) => Child | undefined,
): Judgement {
  const judged = families.map((family) => [family, judgeFamily(rule, family, childOf)] as const);
  return {
    families: new Map(judged),
    settled: rule.conditions.every(({ of }) => of.every((monitor) => childOf(monitor)?.settled === true)),
  };
}

interface Decision {
  readonly state: HealthState;
  readonly reason: string;
}

function judgeFamily(
  { conditions }: CalculatedRule,
  family: Family,
  childOf: (monitor: string) => Child | undefined,
): Decision {
  return conditions
    .map((condition) => decide(condition, family, childOf))
    .reduce((worst, each) => (compareHealth(each.state, worst.state) > 0 ? each : worst));
}

/** The monitor at the n-th place decides; of equal ones the first written. */
function decide(
  { name, n, of }: Condition,
  family: Family,
  childOf: (monitor: string) => Child | undefined,
): Decision {
  const ranked = of
    .map((monitor) => {
      const verdict = childOf(monitor)?.verdict;
      const state = verdict?.families[family] ?? verdict?.state ?? 'unknown';
      return { monitor, state, reason: verdict?.reason ?? 'no verdict yet' };
    })
    .toSorted((a, b) => compareHealth(a.state, b.state));
  const state = ranked[Math.min(n, ranked.length) - 1]!.state;
  const decisive = ranked.find((child) => child.state === state)!;
  const which = `${name} of ${of.join(', ')}`;
  return { state, reason: `${state} by ${which}: ${decisive.monitor} is ${state}, ${decisive.reason}` };
}
