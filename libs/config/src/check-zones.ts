/**
 * Zones: one for each apex, a source of SOA and name servers, names that are names, and good records.
 */
import { formatName } from '@signpost/dns/name-text';

import { checkAliases } from './check-aliases.ts';
import { checkDerivedNames } from './check-derived-names.ts';
import { checkOwners } from './check-owners.ts';
import { checkServices } from './check-services.ts';
import { checkStaticRecord } from './check-static-record.ts';
import { checkZoneSource } from './check-zone-source.ts';
import { nameProblem, readName } from './name-problem.ts';
import type { Path, ReadableParts, ReadableRecord, ReadableZone } from './readable-parts.ts';
import { missingNoun, type ReferenceMistake } from './reference-mistake.ts';

export function checkZones(parts: ReadableParts): ReferenceMistake[] {
  const seen = new Map<string, string>();
  const zones = parts.zones.flatMap((zone) => {
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
      ...checkZoneSource(zone),
      ...checkNames(zone),
      ...records,
      ...checkOwners(zone, apex.name, parts),
      ...checkDerivedNames(zone, apex.name, parts),
    ];
  });
  return [...zones, ...checkAliases(parts)];
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
  if ('alias' in record) return []; // by checkAliases, which knows all zones
  if (!('steer' in record)) return checkStaticRecord(record, path);
  const types = record.types.flatMap((type, index) =>
    record.types.indexOf(type) === index
      ? []
      : [{ path: [...path, 'types', index], message: `type ${type} stands here twice; remove one` }],
  );
  return [
    ...missingNoun(parts, 'policies', record.steer, [...path, 'steer']),
    ...types,
    ...checkServices(record, path),
  ];
}
