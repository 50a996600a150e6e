/**
 * Walks the branches of a record set down to a group, for one client: by weight, by distance, by round trip.
 * Hot path: no allocation, no throw. Adds to the scope what each step looked at.
 */
import type {
  Branch,
  FastestBranch,
  NearestBranch,
  Point,
  WeightedBranch,
} from '@signpost/contracts/record-set';

import { priorRoundTripMs, unitVectors, writeNearestAngle, writeUnitVector } from './distance.ts';
import type { LatencyTable } from './latency-table.ts';
import type { ClientView } from './match-client.ts';
import { choiceKey, leastRankOf, rankOf, stickyBits, stickyDraw, stickyHash } from './sticky-draw.ts';

const LEAF = 0;
const WEIGHTED = 1;
const NEAREST = 2;
const FASTEST = 3;

/** One shape for all kinds, so that the walk stays monomorphic; what a kind does not use is empty. */
export interface PreparedBranch {
  readonly kind: typeof LEAF | typeof WEIGHTED | typeof NEAREST | typeof FASTEST;
  /** Of a leaf. */
  readonly group: number;
  /** Indexes of what is chosen from, all below its own. */
  readonly branches: Int32Array;
  readonly weights: Float64Array;
  readonly keys: Int32Array;
  readonly stretches: Float64Array;
  /** Three numbers per point. */
  readonly points: Float64Array;
  /** `points` of choice i from `starts[i]` to before `starts[i + 1]`; of `fastest`, its targets. */
  readonly starts: Int32Array;
  /** Of the targets. */
  readonly slots: Int32Array;
  /** 1 for a target with a point. */
  readonly placed: Uint8Array;
  readonly slackMs: number;
  readonly slackShare: number;
  /** Scratch: what each choice costs this client. */
  readonly costs: Float64Array;
}

/** What a walk needs of its surroundings. */
export interface Walker {
  /** ECS SCOPE PREFIX-LENGTH so far. */
  scope: number;
  /** Scratch: the client's place as x, y, z. */
  readonly vector: Float64Array;
  /** Scratch: one number. */
  readonly least: Float64Array;
}

export type SlotOf = (target: string) => number;

/** Throws RangeError if a branch points outside the set, or not before itself. */
export function prepareBranches(
  branches: readonly Branch[],
  groups: number,
  slotOf: SlotOf,
): readonly PreparedBranch[] {
  return branches.map((branch, index) => prepareBranch(branch, index, groups, slotOf));
}

/** The index of the group. */
export function chooseGroup(
  branches: readonly PreparedBranch[],
  first: number,
  seed: number,
  client: ClientView,
  latencies: LatencyTable,
  walker: Walker,
): number {
  let branch = branches[first]!;
  while (branch.kind !== LEAF) {
    const chosen =
      branch.kind === WEIGHTED
        ? byWeight(branch, seed, client, walker)
        : branch.kind === NEAREST
          ? byDistance(branch, client, walker)
          : byRoundTrip(branch, client, latencies, walker);
    branch = branches[branch.branches[chosen]!]!;
  }
  return branch.group;
}

/**
 * The walk as far as the client's place alone decides: the first branch on it that is not one of the nearest. What is
 * chosen there is left to `chooseGroup`.
 */
export function followNearest(
  branches: readonly PreparedBranch[],
  first: number,
  client: ClientView,
  walker: Walker,
): number {
  let at = first;
  while (branches[at]!.kind === NEAREST) {
    const branch = branches[at]!;
    at = branch.branches[byDistance(branch, client, walker)]!;
  }
  return at;
}

function byWeight(branch: PreparedBranch, seed: number, client: ClientView, walker: Walker): number {
  const { weights, keys } = branch;
  if (weights.length === 1) return 0;
  const bits = stickyBits(client.family);
  widen(walker, bits);
  const hash = stickyHash(seed, client, bits);
  let chosen = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < weights.length; i += 1) {
    if (weights[i] === 0) continue;
    const draw = stickyDraw(hash, keys[i]!);
    if (leastRankOf(draw, weights[i]!) >= least) continue;
    const rank = rankOf(draw, weights[i]!);
    if (rank < least) {
      chosen = i;
      least = rank;
    }
  }
  return chosen;
}

function byDistance(branch: PreparedBranch, client: ClientView, walker: Walker): number {
  if (branch.stretches.length === 1 || !locate(client, walker)) return 0;
  let chosen = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < branch.stretches.length; i += 1) {
    writeNearestAngle(
      branch.points,
      branch.starts[i]!,
      branch.starts[i + 1]!,
      walker.vector,
      branch.costs,
      i,
    );
    const distance = branch.costs[i]! * branch.stretches[i]!;
    if (distance < least) {
      chosen = i;
      least = distance;
    }
  }
  return chosen;
}

function byRoundTrip(
  branch: PreparedBranch,
  client: ClientView,
  latencies: LatencyTable,
  walker: Walker,
): number {
  const { costs, slackMs, slackShare } = branch;
  if (costs.length === 1) return 0;
  const row = latencies.find(client);
  widen(walker, latencies.bits);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < costs.length; i += 1) {
    if (row < 0 || !costByMeasure(branch, i, row, latencies)) costByDistance(branch, i, client, walker);
    if (costs[i]! < best) best = costs[i]!;
  }
  const limit = best * (1 + slackShare) + slackMs;
  for (let i = 0; i < costs.length; i += 1) if (costs[i]! <= limit) return i;
  return 0;
}

/** Writes the cost of a choice, since V8 would make an object of each fraction returned. False: none was measured. */
function costByMeasure(
  { slots, starts, costs }: PreparedBranch,
  choice: number,
  row: number,
  latencies: LatencyTable,
): boolean {
  costs[choice] = Number.POSITIVE_INFINITY;
  for (let target = starts[choice]!; target < starts[choice + 1]!; target += 1) {
    const measured = latencies.at(row, slots[target]!);
    if (measured >= 0 && measured < costs[choice]) costs[choice] = measured;
  }
  return costs[choice] < Number.POSITIVE_INFINITY;
}

/** Writes what stands in for it: by the nearest target that has a place; infinite: not known either. */
function costByDistance(
  { placed, points, starts, costs }: PreparedBranch,
  choice: number,
  client: ClientView,
  walker: Walker,
): void {
  const { least } = walker;
  costs[choice] = Number.POSITIVE_INFINITY;
  for (let target = starts[choice]!; target < starts[choice + 1]!; target += 1) {
    if (placed[target] === 0 || !locate(client, walker)) continue;
    writeNearestAngle(points, target, target + 1, walker.vector, least, 0);
    const prior = priorRoundTripMs(least[0]!);
    if (prior < costs[choice]) costs[choice] = prior;
  }
}

/** Looks the client up, into `walker.vector`; false: it is not known where it is. */
function locate(client: ClientView, walker: Walker): boolean {
  const place = client.place();
  widen(walker, place.prefixLength);
  const { location } = place;
  if (location === undefined) return false;
  writeUnitVector(location, walker.vector);
  return true;
}

function widen(walker: Walker, bits: number): void {
  if (bits > walker.scope) walker.scope = bits;
}

function prepareBranch(branch: Branch, index: number, groups: number, slotOf: SlotOf): PreparedBranch {
  if ('group' in branch) {
    if (branch.group >= groups) throw new RangeError(`a record set has no group ${branch.group}`);
    return { ...EMPTY, group: branch.group };
  }
  const parts = partsOf(branch);
  for (const part of parts) {
    if (part.branch >= index)
      throw new RangeError(`branch ${index} chooses ${part.branch}, which is not before it`);
  }
  const branches = Int32Array.from(parts, (part) => part.branch);
  if ('weighted' in branch) return { ...EMPTY, ...preparedWeights(branch), branches };
  if ('nearest' in branch) return { ...EMPTY, ...preparedPlaces(branch), branches };
  return { ...EMPTY, ...preparedTargets(branch, slotOf), branches };
}

function partsOf(branch: Exclude<Branch, { group: number }>): readonly { readonly branch: number }[] {
  if ('weighted' in branch) return branch.weighted;
  return 'nearest' in branch ? branch.nearest : branch.fastest;
}

/** All 0 counts as all equal. */
function preparedWeights({ weighted }: WeightedBranch): Partial<PreparedBranch> {
  const none = weighted.every(({ weight }) => weight === 0);
  return {
    kind: WEIGHTED,
    weights: Float64Array.from(weighted, ({ weight }) => (none ? 1 : weight)),
    keys: Int32Array.from(weighted, ({ key }) => choiceKey(key)),
  };
}

function preparedPlaces({ nearest }: NearestBranch): Partial<PreparedBranch> {
  return {
    kind: NEAREST,
    points: unitVectors(nearest.flatMap(({ at }) => at)),
    starts: startsOf(nearest.map(({ at }) => at.length)),
    stretches: Float64Array.from(nearest, ({ stretch }) => stretch),
    costs: new Float64Array(nearest.length),
  };
}

function preparedTargets(
  { fastest, slackMs, slackShare }: FastestBranch,
  slotOf: SlotOf,
): Partial<PreparedBranch> {
  const targets = fastest.flatMap((part) => part.targets);
  return {
    kind: FASTEST,
    points: unitVectors(targets.map(({ at }): Point => at ?? [0, 0])),
    placed: Uint8Array.from(targets, ({ at }) => (at === undefined ? 0 : 1)),
    slots: Int32Array.from(targets, ({ target }) => slotOf(target)),
    starts: startsOf(fastest.map((part) => part.targets.length)),
    slackMs,
    slackShare,
    costs: new Float64Array(fastest.length),
  };
}

function startsOf(counts: readonly number[]): Int32Array {
  let start = 0;
  return Int32Array.from([0, ...counts.map((count) => (start += count))]);
}

const EMPTY: PreparedBranch = {
  kind: LEAF,
  group: 0,
  branches: new Int32Array(0),
  weights: new Float64Array(0),
  keys: new Int32Array(0),
  stretches: new Float64Array(0),
  points: new Float64Array(0),
  starts: new Int32Array(0),
  slots: new Int32Array(0),
  placed: new Uint8Array(0),
  slackMs: 0,
  slackShare: 0,
  costs: new Float64Array(0),
};
