/**
 * Works out the branch of every client: walks the databases and the subnets of the rules side by side, as the binary
 * trees they are, and asks the plain rules once for each kind of client that it meets. So what a rule means stands in
 * one place, `match-rules.ts`.
 *
 *   places   ─┐
 *   systems  ─┼─ descend together ──leaf of all──> place, system, subnets ──plain rules──> branch ──> RangeList
 *   subnets  ─┘
 *
 * Cold path, pure; it comes in steps, so that whoever builds can do something else in between.
 */
import type { NetworkTree } from '@signpost/contracts/network-tree';
import { type ClientSystem, NOWHERE, type Place, UNKNOWN_SYSTEM } from '@signpost/contracts/place';

import { followNearest, prepareBranches, type PreparedBranch } from './choose-branch.ts';
import { type DecidingPart, subnetsOf, usesPlaces, usesSystems } from './client-rules.ts';
import { type ClientTable, UNDECIDED_BRANCH } from './client-table.ts';
import type { ClientView } from './match-client.ts';
import { type ClientRules, matchRules, prepareRules } from './match-rules.ts';
import { MOST_BRANCHES, RangeList } from './range-list.ts';
import { Path } from './tree-path.ts';
import { type SubnetNode, subnetTree } from './subnet-tree.ts';

export interface ClientDatabases {
  readonly places: NetworkTree<Place>;
  /** Undefined: no system is known. */
  readonly systems: NetworkTree<ClientSystem> | undefined;
}

/** Ranges of one family that are worth their memory, and nodes of a tree worth the time: a sound one has fewer. */
const MOST_RANGES = 2 ** 21;
const MOST_NODES = 2 ** 25;

/** Bits by which a table tells clients apart. */
const DEPTH = { 4: 32, 6: 64 } as const;
const ALL_BITS = { 4: 32, 6: 128 } as const;
const LOWEST = -0x8000_0000;

/**
 * Yields after each `step` nodes. Undefined: it would be too large.
 * Throws RangeError if the set points outside itself or holds what is no prefix.
 */
export function* buildClientTable(
  part: DecidingPart,
  databases: ClientDatabases,
  step: number,
): Generator<void, ClientTable | undefined> {
  if (part.branches.length > MOST_BRANCHES) return undefined;
  const used = { places: usesPlaces(part), systems: usesSystems(part) };
  const decider = new Decider(
    prepareRules(part),
    prepareBranches(part.branches, Number.POSITIVE_INFINITY, () => -1),
  );
  const trees = {
    places: used.places ? databases.places : everywhere(NOWHERE),
    systems: (used.systems ? databases.systems : undefined) ?? everywhere(UNKNOWN_SYSTEM),
  };
  const ipv4 = yield* rangesOf(4, trees, subnetTree(subnetsOf(part, 4)), decider, step);
  const ipv6 = ipv4 && (yield* rangesOf(6, trees, subnetTree(subnetsOf(part, 6)), decider, step));
  if (ipv4 === undefined || ipv6 === undefined) return undefined;
  yield;
  return { ipv4: ipv4.finish(), ipv6: ipv6.finish(), usesPlaces: used.places, usesSystems: used.systems };
}

interface Trees {
  readonly places: NetworkTree<Place>;
  readonly systems: NetworkTree<ClientSystem>;
}

/** A stack in place of recursion, since a generator that calls itself costs more than the walk. */
function* rangesOf(
  family: 4 | 6,
  { places, systems }: Trees,
  subnets: SubnetNode,
  decider: Decider,
  step: number,
): Generator<void, RangeList | undefined> {
  const ranges = new RangeList(family);
  const path = new Path(family, places.root(family), systems.root(family), subnets);
  const most = ALL_BITS[family];
  let nodes = 0;
  decider.family = family;
  while (path.next()) {
    const { place, system, subnet, depth } = path;
    nodes += 1;
    if (nodes % step === 0) yield;
    if (nodes > MOST_NODES || ranges.length > MOST_RANGES) return undefined;
    const first = path.first ^ LOWEST;
    const next = path.second ^ LOWEST;
    if (depth > DEPTH[family] && ranges.isUndecidedAt(first, next)) continue;
    const placeEnds = places.isLeaf(place);
    const systemEnds = systems.isLeaf(system);
    if (placeEnds && systemEnds && subnet.halves === undefined) {
      path.writeAddress(decider.address);
      decider.at = places.valueOf(place, decider.octets);
      decider.in = systems.valueOf(system, decider.octets);
      decider.decide(subnet);
      ranges.add(first, next, decider.branch, decider.needed);
    } else if (depth === most) {
      ranges.add(first, next, UNDECIDED_BRANCH, 0); // the file is damaged
    } else {
      for (let bit = 1; bit >= 0; bit -= 1) {
        path.push(
          bit,
          placeEnds ? place : places.child(place, bit),
          systemEnds ? system : systems.child(system, bit),
          subnet.halves === undefined ? subnet : subnet.halves[bit as 0 | 1],
        );
      }
    }
  }
  return ranges;
}

/** A client of each kind in turn, and what the plain rules say of it. Remembers by place, system and subnets. */
class Decider implements ClientView {
  family: 4 | 6 = 4;
  readonly address = new Uint8Array(16);
  sourceLength = 32;
  at: Place = NOWHERE;
  in: ClientSystem = UNKNOWN_SYSTEM;
  /** What the last `decide` said, as for `RangeTable`. */
  branch = 0;
  needed = 0;

  readonly #rules: ClientRules;
  readonly #branches: readonly PreparedBranch[];
  readonly #ipv4 = this.address.subarray(0, 4);
  readonly #walker = { scope: 0, vector: new Float64Array(3), least: new Float64Array(1) };
  /** Branch and bits needed in one number each, since a database of cities has many places. */
  readonly #known = new Map<SubnetNode, Map<ClientSystem, Map<Place, number>>>();

  constructor(rules: ClientRules, branches: readonly PreparedBranch[]) {
    this.#rules = rules;
    this.#branches = branches;
  }

  /** As the databases take it. */
  get octets(): Uint8Array {
    return this.family === 4 ? this.#ipv4 : this.address;
  }

  place(): Place {
    return this.at;
  }

  system(): ClientSystem {
    return this.in;
  }

  decide(subnets: SubnetNode): void {
    const byPlace = entry(entry(this.#known, subnets), this.in);
    let known = byPlace.get(this.at);
    if (known === undefined) {
      const branch = this.#walk(ALL_BITS[this.family]);
      known = branch | (this.#neededFor(branch, subnets) << 16);
      byPlace.set(this.at, known);
    }
    this.branch = known & 0xffff;
    this.needed = known >>> 16;
  }

  /** A subnet does not match whoever does not tell all its bits; that counts where it changes what he gets. */
  #neededFor(branch: number, { lengths }: SubnetNode): number {
    return lengths.findLast((length) => this.#walk(length - 1) !== branch) ?? 0;
  }

  #walk(sourceLength: number): number {
    this.sourceLength = sourceLength;
    const branch = matchRules(this.#rules, this, this.#walker);
    return followNearest(this.#branches, branch, this, this.#walker);
  }
}

function entry<Key, InnerKey, Value>(map: Map<Key, Map<InnerKey, Value>>, key: Key): Map<InnerKey, Value> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = new Map<InnerKey, Value>();
  map.set(key, made);
  return made;
}

function everywhere<Value>(value: Value): NetworkTree<Value> {
  return { root: () => 0, isLeaf: () => true, child: () => 0, valueOf: () => value };
}
