/**
 * Policies that name others: none leads back to itself, and none grows so large by those it names that planning it,
 * which is done anew with each change of health, would take long.
 */
import type { PolicyConfiguration } from '@signpost/contracts/policy-configuration';

import type { ReferenceMistake } from './reference-mistake.ts';

type Policies = Readonly<Record<string, PolicyConfiguration>>;

/** Ways in which the rules of one policy may end, those of nested ones counted each time. */
export const MOST_WAYS = 1_000;
/** Stages of one policy, those of nested ones counted each time. */
export const MOST_STAGES = 1_000;

/** The mistakes of each policy, by its name. */
export function nestingOf(policies: Policies): (name: string) => readonly ReferenceMistake[] {
  const known = new Map<string, Size | undefined>();
  return (name) => {
    const loops = loopsOf(name, policies);
    if (loops.length > 0) return loops;
    const size = sizeOf(name, policies, known);
    // A loop among the policies that it names is told there.
    if (size === undefined) return [];
    const tooMany =
      size.ways > MOST_WAYS
        ? `${MOST_WAYS} ways to end`
        : size.stages > MOST_STAGES
          ? `${MOST_STAGES} stages`
          : undefined;
    if (tooMany === undefined) return [];
    const message = `with the policies that it names it has more than ${tooMany}; name fewer of them`;
    return [{ path: ['policies', name], message, atKey: true }];
  };
}

export function policiesNamed({ rules }: Pick<PolicyConfiguration, 'rules'>): string[] {
  return rules.flatMap((rule) =>
    rule.try.flatMap((stage) => (typeof stage === 'object' && 'policy' in stage ? [stage.policy] : [])),
  );
}

function loopsOf(name: string, policies: Policies): ReferenceMistake[] {
  return policies[name]!.rules.flatMap((rule, index) =>
    rule.try.flatMap((stage, at): ReferenceMistake[] => {
      if (typeof stage !== 'object' || !('policy' in stage)) return [];
      const loop = loopFrom(stage.policy, name, policies);
      if (loop === undefined) return [];
      const message = `leads back to policy "${name}" (${[name, ...loop].join(' > ')}); remove one of the steps`;
      return [{ path: ['policies', name, 'rules', index, 'try', at, 'policy'], message }];
    }),
  );
}

/** The policies from `from` to `to`, both named; undefined: there is no way. */
function loopFrom(from: string, to: string, policies: Policies): readonly string[] | undefined {
  const seen = new Set<string>();
  const visit = (name: string): readonly string[] | undefined => {
    if (name === to) return [name];
    if (seen.has(name) || !Object.hasOwn(policies, name)) return undefined;
    seen.add(name);
    for (const next of policiesNamed(policies[name]!)) {
      const rest = visit(next);
      if (rest !== undefined) return [name, ...rest];
    }
    return undefined;
  };
  return visit(from);
}

interface Size {
  /** At most: of each rule the product of those of the policies it names, for all rules together. */
  readonly ways: number;
  readonly stages: number;
}

/** Undefined: it leads into a loop. `known`: what was found so far; a policy being looked at counts as a loop. */
function sizeOf(name: string, policies: Policies, known: Map<string, Size | undefined>): Size | undefined {
  if (known.has(name)) return known.get(name);
  if (!Object.hasOwn(policies, name)) return { ways: 1, stages: 0 };
  known.set(name, undefined);
  let ways = 0;
  let stages = 0;
  for (const rule of policies[name]!.rules) {
    let ofRule = 1;
    stages += rule.try.length;
    for (const nested of policiesNamed({ rules: [rule] })) {
      const size = sizeOf(nested, policies, known);
      if (size === undefined) return undefined;
      ofRule *= size.ways;
      stages += size.stages;
    }
    ways += ofRule;
  }
  const size = { ways, stages };
  known.set(name, size);
  return size;
}
