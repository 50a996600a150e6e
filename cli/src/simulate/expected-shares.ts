/**
 * Which share of the clients each target would have if every client by itself followed the weights: for each the
 * published set's own selection says the group, and its weights say the rest. Pure.
 *
 * Where weights choose among pools, a client's prefix decides; here each pool has its part of each client.
 */
import type { Branch, SteeredRecordSet } from '@signpost/contracts/record-set';
import { createChance, seedOf } from '@signpost/policy/chance';
import { createSelection, prepareSteering, selectAnswer } from '@signpost/policy/select-answer';

import type { Network } from './population.ts';

/** So many combinations of choices are followed; beyond, the prefix decides after all. */
const MAX_VARIANTS = 64;

/** By target's number; the last entry is those without an answer. Sums up to the weight of all networks. */
export function expectedShares(
  set: SteeredRecordSet,
  owner: string,
  networks: readonly Network[],
  weightOf: (network: Network) => number,
  numberOf: ReadonlyMap<string, number>,
): Float64Array {
  const shares = new Float64Array(numberOf.size + 1);
  const selection = createSelection();
  const chance = createChance(seedOf(set, owner));
  for (const { branches, probability } of variantsOf(set.branches)) {
    const steering = prepareSteering({ ...set, branches });
    const ofGroup = set.groups.map((group) => groupShares(group, numberOf));
    for (const network of networks) {
      selectAnswer(steering, network.view, chance, selection);
      const weight = weightOf(network) * probability;
      for (const [number, share] of ofGroup[selection.group]!) shares[number]! += weight * share;
    }
  }
  return shares;
}

interface Variant {
  readonly branches: Branch[];
  readonly probability: number;
}

/** The set's branches with each choice by weight made, in every way that it can be. */
function variantsOf(branches: readonly Branch[]): Variant[] {
  let variants: Variant[] = [{ branches: [], probability: 1 }];
  for (const branch of branches) {
    const chosen = choicesOf(branch);
    const splits = chosen.length > 1 && variants.length * chosen.length <= MAX_VARIANTS;
    variants = variants.flatMap((variant) =>
      splits
        ? chosen.map(({ index, probability }) => ({
            branches: [...variant.branches, variant.branches[index]!],
            probability: variant.probability * probability,
          }))
        : [{ ...variant, branches: [...variant.branches, branch] }],
    );
  }
  return variants;
}

function choicesOf(branch: Branch): { readonly index: number; readonly probability: number }[] {
  if (!('weighted' in branch)) return [];
  const total = branch.weighted.reduce((sum, { weight }) => sum + weight, 0);
  return branch.weighted
    .filter(({ weight }) => weight > 0)
    .map(({ branch: index, weight }) => ({ index, probability: weight / total }));
}

type Group = SteeredRecordSet['groups'][number];

/** Of one client of the group: what part goes to each target. */
function groupShares(
  { answers, pick, select }: Group,
  numberOf: ReadonlyMap<string, number>,
): [number, number][] {
  const drawn = answers.filter(({ weight }) => weight > 0);
  const nobody = numberOf.size;
  const candidates = drawn.length > 0 ? drawn : answers;
  if (candidates.length === 0) return [[nobody, 1]];
  if (pick === 'ordered') {
    const first = candidates.slice(0, select);
    return first.map(({ target }) => [numberOf.get(target)!, 1 / first.length]);
  }
  const weights = candidates.map(({ weight }) => (pick === 'round_robin' || drawn.length === 0 ? 1 : weight));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return candidates.map(({ target }, i) => [numberOf.get(target)!, weights[i]! / total]);
}
