/**
 * Record sets of one name and type, which Route 53 chooses from by one routing policy; A and AAAA of a name as one
 * group where all but their addresses is equal.
 */
import { relativeOwner } from '../canonical-names.ts';
import { fromOctalEscapes } from './escaped-text.ts';
import type { RecordSetListing } from './listing-shapes.ts';
import type { Placed } from './read-listings.ts';

export type Routing =
  | 'simple'
  | 'weighted'
  | 'failover'
  | 'geolocation'
  | 'geoproximity'
  | 'latency'
  | 'multivalue'
  | 'cidr'
  | 'unknown';

export type RecordType = string;

/** One record of a group: one set, or those of A and AAAA. */
export interface GroupRecord {
  /** Of the first type; all but its values holds for the others. */
  readonly set: RecordSetListing;
  readonly placeOf: Placed<RecordSetListing>['placeOf'];
  readonly byType: ReadonlyMap<RecordType, Placed<RecordSetListing>>;
}

export interface RecordGroup {
  /** Relative to the apex, or `@`. */
  readonly owner: string;
  readonly types: readonly RecordType[];
  readonly routing: Routing;
  readonly records: readonly GroupRecord[];
}

/** By `owner|TYPE`; a group of A and AAAA stands there twice. Names outside of the zone are given to `outside`. */
export function groupRecords(
  sets: readonly Placed<RecordSetListing>[],
  apex: string,
  outside: (set: Placed<RecordSetListing>) => void,
): ReadonlyMap<string, RecordGroup> {
  const byKey = new Map<string, { owner: string; type: RecordType; sets: Placed<RecordSetListing>[] }>();
  for (const set of sets) {
    const owner = relativeOwner(fromOctalEscapes(set.value.Name), apex);
    if (owner === undefined) {
      outside(set);
      continue;
    }
    const key = groupKey(owner, set.value.Type);
    const entry = byKey.get(key) ?? { owner, type: set.value.Type, sets: [] };
    byKey.set(key, entry);
    entry.sets.push(set);
  }
  const groups = new Map<string, RecordGroup>();
  for (const key of [...byKey.keys()].toSorted()) {
    const { owner, type, sets: own } = byKey.get(key)!;
    groups.set(key, {
      owner,
      types: [type],
      routing: routingOf(own[0]!.value),
      records: own
        .toSorted((a, b) => compare(a.value.SetIdentifier ?? '', b.value.SetIdentifier ?? ''))
        .map((set) => ({ set: set.value, placeOf: set.placeOf, byType: new Map([[type, set]]) })),
    });
  }
  mergeFamilies(groups, apex);
  return groups;
}

export function groupKey(owner: string, type: RecordType): string {
  return `${owner}|${type}`;
}

/** `host` as an owner of the zone; undefined outside of it. */
export function ownerOfHost(host: string, apex: string): string | undefined {
  return relativeOwner(fromOctalEscapes(host), apex);
}

/** By what it says; Route 53 takes one way of choosing a name and type. */
export function routingOf(set: RecordSetListing): Routing {
  if (set.Weight !== undefined) return 'weighted';
  if (set.Failover !== undefined) return 'failover';
  if (set.GeoLocation !== undefined) return 'geolocation';
  if (set.GeoProximityLocation !== undefined) return 'geoproximity';
  if (set.Region !== undefined) return 'latency';
  if (set.CidrRoutingConfig !== undefined) return 'cidr';
  if (set.MultiValueAnswer === true) return 'multivalue';
  return set.SetIdentifier === undefined ? 'simple' : 'unknown';
}

function mergeFamilies(groups: Map<string, RecordGroup>, apex: string): void {
  const owners = new Set([...groups.values()].map(({ owner }) => owner));
  const merging = [...owners].filter((owner) => {
    const routing = groups.get(groupKey(owner, 'A'))?.routing;
    return routing !== undefined && routing !== 'simple' && coincide(owner, groups, apex, new Set());
  });
  for (const owner of merging) {
    const group = groups.get(groupKey(owner, 'A'))!;
    const other = groups.get(groupKey(owner, 'AAAA'))!;
    const records = group.records.map((record, index) => ({
      ...record,
      byType: new Map([...record.byType, ...other.records[index]!.byType]),
    }));
    const merged = { ...group, types: ['A', 'AAAA'], records };
    groups.set(groupKey(owner, 'A'), merged);
    groups.set(groupKey(owner, 'AAAA'), merged);
  }
}

/** Whether A and AAAA of a name are the same but for addresses, and so are those of all names they are aliases of. */
function coincide(
  owner: string,
  groups: ReadonlyMap<string, RecordGroup>,
  apex: string,
  seen: Set<string>,
): boolean {
  if (seen.has(owner)) return true;
  seen.add(owner);
  const a = groups.get(groupKey(owner, 'A'));
  const aaaa = groups.get(groupKey(owner, 'AAAA'));
  if (a === undefined || aaaa === undefined) return false;
  if (structureOf(a) !== structureOf(aaaa)) return false;
  return a.records.every(({ set: { AliasTarget } }) => {
    const target = AliasTarget === undefined ? undefined : ownerOfHost(AliasTarget.DNSName, apex);
    return target === undefined || coincide(target, groups, apex, seen);
  });
}

/** All of a group but its addresses. */
function structureOf({ records }: RecordGroup): string {
  return JSON.stringify(
    records.map(({ set: { Name: _name, Type: _type, ResourceRecords, ...rest } }) =>
      Object.entries({ ...rest, count: ResourceRecords?.length ?? 0 }).toSorted(([a], [b]) => compare(a, b)),
    ),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
