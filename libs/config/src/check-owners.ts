/**
 * Which records of a zone may stand together, those of its zone file among them: each type once at a name, nothing
 * beside an alias, and no steered record where a delegation or a DNAME hides it from every query.
 */
import { RRType, typeCode, typeName } from '@signpost/dns/constants';
import { formatName } from '@signpost/dns/name-text';
import { isWildcard, namesEqual, parentName, type WireName } from '@signpost/dns/wire-name';
import { excludeEachOther } from '@signpost/dns/zone-file/name-rules';
import type { ZoneRecord } from '@signpost/dns/zone-file/zone-record';

import { hasHostNames } from './check-pools.ts';
import { poolsOf } from './check-policies.ts';
import { readOwner } from './name-problem.ts';
import type { ReadableParts, ReadableRecord, ReadableZone } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';

export function checkOwners(zone: ReadableZone, apex: WireName, parts: ReadableParts): ReferenceMistake[] {
  const owners = new Map<string, Owner>();
  const refused = new Set<string>();
  const mistakes: ReferenceMistake[] = [];
  const filed = recordsByName(zone.source?.records ?? []);
  for (const record of zone.records) {
    const owner = readOwner(record.owner, apex);
    if (owner.problem !== undefined) {
      const path = ['zones', zone.apex, 'records', record.owner];
      if (!refused.has(record.owner)) mistakes.push({ path, message: owner.problem, atKey: true });
      refused.add(record.owner);
      continue;
    }
    const key = formatName(owner.name);
    const entry = owners.get(key) ?? { name: owner.name, records: [], filed: filed.get(key) ?? [] };
    owners.set(key, entry);
    entry.records.push({ record, types: [] });
  }
  for (const owner of owners.values()) {
    for (const entry of owner.records) entry.types = typesOf(entry.record, owner, apex, parts);
  }
  const hidden = { apex, owners, filed };
  return [
    ...mistakes,
    ...[...owners.values()].flatMap((owner) => [
      ...checkOwner(owner, apex, zone.source !== undefined),
      ...checkHidden(owner, hidden),
    ]),
  ];
}

interface Owner {
  readonly name: WireName;
  /** What `records` puts at the name, in the order of the file. */
  readonly records: { readonly record: ReadableRecord; types: readonly string[] }[];
  /** What the zone file puts there. */
  readonly filed: readonly ZoneRecord[];
}

function recordsByName(records: readonly ZoneRecord[]): ReadonlyMap<string, readonly ZoneRecord[]> {
  return Map.groupBy(records, ({ owner }) => formatName(owner));
}

/**
 * The types that a record takes up at its owner. A steered one with host names also stands as a CNAME where it can:
 * where something stands beside it, their addresses are answered.
 */
function typesOf(
  { record }: ReadableRecord,
  owner: Owner,
  apex: WireName,
  parts: ReadableParts,
): readonly string[] {
  if ('alias' in record) return ['A', 'AAAA'];
  if (!('steer' in record)) return [record.type];
  const isAlone = owner.records.length === 1 && owner.filed.length === 0 && !namesEqual(owner.name, apex);
  if (!isAlone || record.types.some((type) => type !== 'A' && type !== 'AAAA'))
    return [...new Set(record.types)];
  const { policies, pools } = parts.nouns;
  const policy = Object.hasOwn(policies, record.steer) ? policies[record.steer] : undefined;
  const hosts = (policy === undefined ? [] : poolsOf(policy, policies)).some(
    (pool) => Object.hasOwn(pools, pool) && hasHostNames(pools[pool], parts),
  );
  return [...new Set(record.types), ...(hosts ? ['CNAME'] : [])];
}

function checkOwner(owner: Owner, apex: WireName, hasFile: boolean): ReferenceMistake[] {
  const isApex = namesEqual(owner.name, apex);
  const taken = new Set<string>();
  return owner.records.flatMap(({ record, types }, index) => {
    const { path } = record;
    const twice = types.find((type) => taken.has(type));
    for (const type of types) taken.add(type);
    if (twice !== undefined) {
      return [{ path, message: `the name has ${twice} records already; put all values into one record` }];
    }
    if (isApex && types.includes('CNAME')) {
      const message =
        'a CNAME cannot stand at the apex, beside SOA and NS; write "alias" with its host instead';
      return [{ path, message }];
    }
    if (isApex && !hasFile && types.includes('NS')) {
      return [
        { path, message: 'the name servers of the apex are written in "ns" of the zone; move them there' },
      ];
    }
    const message = conflictWithFile(types, owner.filed) ?? conflictWithin(owner, index);
    return message === undefined ? [] : [{ path, message }];
  });
}

function conflictWithFile(types: readonly string[], filed: readonly ZoneRecord[]): string | undefined {
  const codes = types.map(typeCode);
  const same = filed.find(({ type }) => codes.includes(type));
  if (same !== undefined) {
    return `the zone file has ${typeName(same.type)} records at this name already (${at(same)}); keep one of the two`;
  }
  const other = filed.find(({ type }) =>
    codes.some((code) => code !== undefined && excludeEachOther(code, type)),
  );
  if (other === undefined) return undefined;
  return `nothing may stand beside a CNAME (RFC 1034), and the zone file has ${typeName(other.type)} at this name (${at(other)}); remove one of the records`;
}

function conflictWithin({ records }: Owner, index: number): string | undefined {
  const alone = records.some((other, i) => i !== index && areApart(other.types, records[index]!.types));
  return index === 0 || !alone
    ? undefined
    : 'nothing may stand beside a CNAME (RFC 1034); remove one of the records';
}

function areApart(some: readonly string[], others: readonly string[]): boolean {
  return some.some((a) =>
    others.some((b) => excludeEachOther(typeCode(a) ?? Number.NaN, typeCode(b) ?? Number.NaN)),
  );
}

interface Hidden {
  readonly apex: WireName;
  readonly owners: ReadonlyMap<string, Owner>;
  readonly filed: ReadonlyMap<string, readonly ZoneRecord[]>;
}

/** A delegation hides what stands at it and below, a DNAME what stands below (RFC 1034 4.2.1, RFC 6672 2.3). */
function checkHidden({ name, records }: Owner, hidden: Hidden): ReferenceMistake[] {
  const steered = records.filter(({ record }) => !('type' in record.record));
  if (steered.length === 0) return [];
  const by = hiddenBy(name, hidden);
  return by === undefined ? [] : steered.map(({ record: { path } }) => ({ path, message: by }));
}

function hiddenBy(name: WireName, { apex, owners, filed }: Hidden): string | undefined {
  for (let above = name; ; above = parentName(above)) {
    const isApex = namesEqual(above, apex);
    const key = formatName(above);
    const isCut = !isApex && !isWildcard(above);
    const types = [...(isCut ? [RRType.NS] : []), ...(above === name ? [] : [RRType.DNAME])];
    const found = filed.get(key)?.find(({ type }) => types.some((each) => each === type));
    const written = owners
      .get(key)
      ?.records.find(({ types: own }) => own.some((type) => types.some((each) => typeName(each) === type)));
    const type = found === undefined ? written?.types[0] : typeName(found.type);
    if (type !== undefined) {
      const where = found === undefined ? '' : ` (${at(found)})`;
      return `the ${type} records of ${key}${where} hide this name from every query; steer a name that is not below it, or remove them`;
    }
    if (isApex) return undefined;
  }
}

function at({ file, line }: ZoneRecord): string {
  return `${file}:${line}`;
}
