/**
 * Zones: names that are names, owners inside of the apex, and records that may stand together.
 */
import { formatName } from '@signpost/dns/name-text';
import type { WireName } from '@signpost/dns/wire-name';

import { hasHostNames } from './check-pools.ts';
import { poolsOf } from './check-policies.ts';
import { checkStaticRecord } from './check-static-record.ts';
import { nameProblem, readName, readOwner } from './name-problem.ts';
import type { Path, ReadableParts, ReadableRecord, ReadableZone } from './readable-parts.ts';
import { missingNoun, type ReferenceMistake } from './reference-mistake.ts';

export function checkZones(parts: ReadableParts): ReferenceMistake[] {
  const seen = new Map<string, string>();
  return parts.zones.flatMap((zone) => {
    const path = ['zones', zone.apex];
    const records = zone.records.flatMap((record) => checkRecord(record, parts));
    const apex = readName(zone.apex);
    if (apex.problem !== undefined)
      return [{ path, message: apex.problem, atKey: true as const }, ...records];
    const before = seen.get(formatName(apex.name));
    seen.set(formatName(apex.name), zone.apex);
    const message = `the zone is also written "${before}"; keep one of the two`;
    return [
      ...(before === undefined ? [] : [{ path, message, atKey: true as const }]),
      ...checkNames(zone),
      ...records,
      ...checkOwners(zone, apex.name, parts),
    ];
  });
}

function checkNames({ apex, soa, ns }: ReadableZone): ReferenceMistake[] {
  const path = ['zones', apex];
  const names: [string, Path][] = [
    ...(soa === undefined
      ? []
      : ([
          [soa.primary, [...path, 'soa', 'primary']],
          [soa.contact, [...path, 'soa', 'contact']],
        ] as [string, Path][])),
    ...(ns ?? []).map((name, index): [string, Path] => [name, [...path, 'ns', index]]),
  ];
  const seen = new Set<string>();
  return names.flatMap(([name, at]) => {
    const mailbox = /^([^@\s]+)@([^@\s]+?)\.?$/.exec(name);
    if (at.at(-1) === 'contact' && mailbox !== null) {
      // RFC 1035 section 8: the dots of the local part are escaped.
      const remedy = `${mailbox[1]!.replaceAll('.', '\\.')}.${mailbox[2]}.`;
      return [{ path: at, message: `a mailbox is written as a name here; write '${remedy}'` }];
    }
    const problem = nameProblem(name);
    if (problem !== undefined) return [{ path: at, message: problem }];
    if (at.at(-2) !== 'ns') return [];
    const repeated = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    return repeated ? [{ path: at, message: `name server "${name}" stands here twice; remove one` }] : [];
  });
}

function checkRecord({ record, path }: ReadableRecord, parts: ReadableParts): ReferenceMistake[] {
  if (!('steer' in record)) return checkStaticRecord(record, path);
  const types = record.types.flatMap((type, index) =>
    record.types.indexOf(type) === index
      ? []
      : [{ path: [...path, 'types', index], message: `type ${type} stands here twice; remove one` }],
  );
  return [...missingNoun(parts, 'policies', record.steer, [...path, 'steer']), ...types];
}

interface Owner {
  readonly isApex: boolean;
  /** What stands at the owner, in the order of the file. */
  readonly records: { readonly record: ReadableRecord; readonly types: readonly string[] }[];
}

function checkOwners(zone: ReadableZone, apex: WireName, parts: ReadableParts): ReferenceMistake[] {
  const owners = new Map<string, Owner>();
  const refused = new Set<string>();
  const mistakes: ReferenceMistake[] = [];
  for (const record of zone.records) {
    const owner = readOwner(record.owner, apex);
    if (owner.problem !== undefined) {
      const path = ['zones', zone.apex, 'records', record.owner];
      if (!refused.has(record.owner)) mistakes.push({ path, message: owner.problem, atKey: true });
      refused.add(record.owner);
      continue;
    }
    const name = formatName(owner.name);
    const isApex = name === formatName(apex);
    const entry = owners.get(name) ?? { isApex, records: [] };
    owners.set(name, entry);
    entry.records.push({ record, types: typesOf(record, parts) });
  }
  return [...mistakes, ...[...owners.values()].flatMap((owner) => checkOwner(owner))];
}

/** The types that a record takes up at its owner. A steered one with host names also stands as a CNAME. */
function typesOf({ record }: ReadableRecord, parts: ReadableParts): string[] {
  if (!('steer' in record)) return [record.type];
  const { policies, pools } = parts.nouns;
  const policy = Object.hasOwn(policies, record.steer) ? policies[record.steer] : undefined;
  const hosts = (policy === undefined ? [] : poolsOf(policy)).some(
    (pool) => Object.hasOwn(pools, pool) && hasHostNames(pools[pool], parts),
  );
  return [...new Set(record.types), ...(hosts ? ['CNAME'] : [])];
}

function checkOwner({ isApex, records }: Owner): ReferenceMistake[] {
  const taken = new Set<string>();
  return records.flatMap(({ record, types }, index) => {
    const { path } = record;
    const twice = types.find((type) => taken.has(type));
    for (const type of types) taken.add(type);
    if (twice !== undefined) {
      return [{ path, message: `the name has ${twice} records already; put all values into one record` }];
    }
    const steered = 'steer' in record.record;
    if (isApex && types.includes('CNAME')) {
      const what = steered ? 'a policy with pools of host names' : 'a CNAME';
      return [
        { path, message: `${what} cannot stand at the apex, beside SOA and NS; use targets with addresses` },
      ];
    }
    if (isApex && types.includes('NS')) {
      return [
        { path, message: 'the name servers of the apex are written in "ns" of the zone; move them there' },
      ];
    }
    const alone = records.some((other) => other.types.includes('CNAME'));
    if (index === 0 || !alone) return [];
    return [{ path, message: 'nothing may stand beside a CNAME (RFC 1034); remove one of the records' }];
  });
}
