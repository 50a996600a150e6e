/**
 * Where addresses and hosts are, from all records that say so, those they are aliases of among them: so a target that
 * some policy needs the place of has it wherever it is used, and is one target.
 */
import { Remarks } from '../remark.ts';
import { canonicalRdata } from '../static-values.ts';
import type { Leaf } from './pool-of-leaves.ts';
import { type GroupRecord, groupKey, ownerOfHost, type RecordGroup } from './record-groups.ts';
import { placeOfRecord } from './record-place.ts';

type Place = Pick<Leaf, 'at' | 'site'>;

/** By RDATA text; an address that is said to be in two places is not there. */
export function placedAddresses(
  groups: ReadonlyMap<string, RecordGroup>,
  apex: string,
): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const twice = new Set<string>();
  const put = (text: string, place: Place): void => {
    const before = places.get(text);
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(place)) twice.add(text);
    places.set(text, place);
  };
  const walk = (record: GroupRecord, place: Place, seen: ReadonlySet<GroupRecord>): void => {
    if (seen.has(record)) return;
    for (const [type, { value }] of record.byType) {
      for (const { Value } of value.ResourceRecords ?? [])
        put(canonicalRdata(type, Value).rdata ?? Value, place);
      if (value.AliasTarget === undefined) continue;
      const owner = ownerOfHost(value.AliasTarget.DNSName, apex);
      const target = owner === undefined ? undefined : groups.get(groupKey(owner, type));
      for (const next of target?.records ?? []) walk(next, place, new Set([...seen, record]));
    }
  };
  for (const { records } of new Set(groups.values())) {
    for (const record of records) {
      const place = placeOfRecord(record, new Remarks()); // what is wrong with it is remarked when it is imported
      if (place.at !== undefined) walk(record, place, new Set());
    }
  }
  for (const text of twice) places.delete(text);
  return places;
}
