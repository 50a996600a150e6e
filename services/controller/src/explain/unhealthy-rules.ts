/**
 * The rules that have no healthy pool now, of all policies that names are steered by, and what those names get. Pure.
 * By the quorum's view alone: where a single vantage sees no healthy pool, its clients get what everybody gets.
 */
import type { Override } from '@signpost/contracts/override';
import { MOST_NAMES_SHOWN, type UnhealthyRule } from '@signpost/contracts/unhealthy-rule';
import { goesByHealth, leavesOf } from '@signpost/policy/choice';
import { servingOf } from '@signpost/policy/plan-branches';
import { planPolicy, type PlannedOutcome, type PlannedRule } from '@signpost/policy/plan-policy';
import { allDownOf } from '@signpost/policy/plan-rule';
import type { PolicyInput } from '@signpost/policy/policy-input';

import { type CompileView, policyInput } from '../compile/compile-zone.ts';
import { presentView } from '../compile/present-view.ts';
import { overridesAt, overrideView } from '../override/overrides-at.ts';
import { type ControllerState, healthView } from '../reconcile/controller-state.ts';
import type { Topology } from '../topology/topology.ts';

/** `nowMs`: wall clock. */
export function unhealthyRules(state: ControllerState, nowMs: number): UnhealthyRule[] {
  return rulesOf(state, presentView(state, nowMs, undefined)).map(({ shown }) => shown);
}

/**
 * Those that an override leaves without a healthy pool, or finds so, as soon as it is in force. What would lose its
 * last answer is none of them: guards hold that.
 */
export function leftUnhealthy(
  state: ControllerState,
  made: Override,
  targets: readonly string[],
  nowMs: number,
): UnhealthyRule[] {
  const topology = state.configuration?.topology;
  if (made.set === 'up' || topology === undefined) return [];
  const present = overridesAt([...state.overrides.values(), made], topology, nowMs);
  const view = { ...presentView(state, nowMs, undefined), overrides: overrideView(present) };
  return rulesOf(state, view)
    .filter(({ members, emptied }) => !emptied && targets.some((target) => members.has(target)))
    .map(({ shown }) => shown);
}

interface FoundRule {
  readonly shown: UnhealthyRule;
  /** Targets of the pools that the rule may choose. */
  readonly members: ReadonlySet<string>;
  /** Without an answer, though that was not asked for. */
  readonly emptied: boolean;
}

function rulesOf(state: ControllerState, view: CompileView): FoundRule[] {
  const topology = state.configuration?.topology;
  if (topology === undefined || !state.converged) return [];
  const health = healthView(state.verdicts);
  const { configuration } = topology;
  return [...namesByPolicy(topology)].flatMap(([policy, names]) => {
    const input = policyInput(configuration, { policy, ttl: configuration.defaults.ttl }, health, view);
    if (input === undefined) return [];
    return planPolicy(input).rules.flatMap((rule) => unhealthyIn(rule, input, [...names]));
  });
}

/** By what is done about it: clients of one rule may fare differently where its stages are policies. */
function unhealthyIn(planned: PlannedRule, input: PolicyInput, names: readonly string[]): FoundRule[] {
  const { index, rule, standings, outcomes } = planned;
  const answered = new Map<UnhealthyRule['standing'], Set<string>>();
  for (const { standing, choice } of outcomes) {
    // A rule without stages is a fence: it is as it is meant to be.
    if (goesByHealth(standing) || rule.try.length === 0) continue;
    const targets = answered.get(standing) ?? new Set();
    answered.set(standing, targets);
    for (const target of targetsOf(choice)) targets.add(target);
  }
  const members = new Set(
    [...standings.values()].flatMap((pool) => pool.members.map(({ target }) => target)),
  );
  return [...answered].map(([standing, targets]) => ({
    shown: {
      policy: input.policyName,
      rule: index,
      standing,
      targets: [...targets],
      names: names.slice(0, MOST_NAMES_SHOWN),
      nameCount: names.length,
    },
    members,
    emptied: standing === 'nodata' && allDownOf(rule, input) !== 'nodata',
  }));
}

function targetsOf(choice: PlannedOutcome['choice']): string[] {
  return leavesOf(choice).flatMap(({ pool, standing }) =>
    servingOf(pool, standing).map(({ target }) => target),
  );
}

function namesByPolicy({ zones }: Topology): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>();
  for (const { steered } of zones.values()) {
    for (const { owner, policy } of steered) {
      const known = names.get(policy) ?? new Set();
      names.set(policy, known.add(owner));
    }
  }
  return names;
}
