/**
 * Where an alias leads: to a steered record or to addresses of a zone of ours, or to a host elsewhere. Follows aliases
 * and CNAMEs of our own zones on the way. Pure; reads what is written and resolves nothing.
 */
import type { SteeredRecordConfiguration } from '@signpost/contracts/record-configuration';
import { RRType, typeCode } from '@signpost/dns/constants';
import { formatName } from '@signpost/dns/name-text';
import { isSubdomain, namesEqual, parentName, type WireName } from '@signpost/dns/wire-name';
import { formatRdata } from '@signpost/dns/rdata';
import type { ZoneRecord } from '@signpost/dns/zone-file/zone-record';

import { isAbsolute, readName, readOwner } from './name-problem.ts';
import type { ReadableRecord, ReadableZone } from './readable-parts.ts';
import { recordTexts } from './static-record.ts';

export type AliasEnd =
  | { readonly kind: 'steered'; readonly owner: string; readonly record: SteeredRecordConfiguration }
  /** A or AAAA records stand at `owner` of the zone. */
  | { readonly kind: 'static'; readonly zone: string; readonly owner: string }
  /** Canonical text. */
  | { readonly kind: 'elsewhere'; readonly host: string }
  | { readonly kind: 'missing'; readonly owner: string; readonly zone: string }
  | { readonly kind: 'loop'; readonly names: readonly string[] }
  | { readonly kind: 'malformed'; readonly problem: string };

interface Owner {
  readonly records: readonly ReadableRecord[];
  readonly filed: readonly ZoneRecord[];
}

interface IndexedZone {
  readonly apex: WireName;
  /** By canonical text. */
  readonly owners: ReadonlyMap<string, Owner>;
}

/** By apex, canonical text. */
export type AliasIndex = ReadonlyMap<string, IndexedZone>;

/** More steps than anybody needs. */
const MOST_STEPS = 8;

/** Zones and owners whose names are none are left out. */
export function aliasIndex(zones: readonly ReadableZone[]): AliasIndex {
  return new Map(
    zones.flatMap((zone) => {
      const apex = readName(zone.apex);
      if (apex.problem !== undefined) return [];
      return [[formatName(apex.name), { apex: apex.name, owners: ownersOf(zone, apex.name) }] as const];
    }),
  );
}

/** `alias` as written at a record of the zone `apex`: relative to it, or absolute. */
export function followAlias(index: AliasIndex, apex: WireName, owner: string, alias: string): AliasEnd {
  const first = nameOf(alias, apex);
  if (first.problem !== undefined) return { kind: 'malformed', problem: first.problem };
  const seen = [owner];
  let name = first.name;
  for (;;) {
    const text = formatName(name);
    if (seen.includes(text) || seen.length > MOST_STEPS) return { kind: 'loop', names: [...seen, text] };
    seen.push(text);
    const zone = zoneOf(index, name);
    if (zone === undefined || isBelowCut(zone, name)) return { kind: 'elsewhere', host: text };
    const found = zone.owners.get(text);
    const next = found === undefined ? undefined : endAt(found, text, zone);
    if (next === undefined) return { kind: 'missing', owner: text, zone: formatName(zone.apex) };
    if (!('next' in next)) return next;
    if (next.next.problem !== undefined) return { kind: 'malformed', problem: next.next.problem };
    name = next.next.name;
  }
}

type NameOrProblem = ReturnType<typeof readName>;

function nameOf(text: string, apex: WireName): NameOrProblem {
  return isAbsolute(text) ? readName(text) : readOwner(text, apex);
}

/** What stands at the name, or the name that it leads to. */
function endAt(
  { records, filed }: Owner,
  owner: string,
  { apex }: IndexedZone,
): AliasEnd | { readonly next: NameOrProblem } | undefined {
  const steered = records.flatMap(({ record }) =>
    'steer' in record && record.types.some((type) => type === 'A' || type === 'AAAA') ? [record] : [],
  )[0];
  if (steered !== undefined) return { kind: 'steered', owner, record: steered };
  const alias = records.flatMap(({ record }) => ('alias' in record ? [record.alias] : []))[0];
  if (alias !== undefined) return { next: nameOf(alias, apex) };
  const types = [...filed.map(({ type }) => type), ...records.map(({ record }) => staticType(record))];
  if (types.some((type) => type === RRType.A || type === RRType.AAAA)) {
    return { kind: 'static', zone: formatName(apex), owner };
  }
  const cname = cnameOf(records, filed);
  return cname === undefined ? undefined : { next: readName(cname) };
}

function staticType(record: ReadableRecord['record']): number | undefined {
  return 'type' in record ? typeCode(record.type) : undefined;
}

function cnameOf(records: readonly ReadableRecord[], filed: readonly ZoneRecord[]): string | undefined {
  const inFile = filed.find(({ type }) => type === RRType.CNAME);
  if (inFile !== undefined) return formatRdata(RRType.CNAME, inFile.rdata);
  for (const { record } of records) {
    if (!('type' in record) || typeCode(record.type) !== RRType.CNAME) continue;
    const value = record.value ?? record.values?.[0];
    if (value !== undefined) return recordTexts(record.type, [value])[0];
  }
  return undefined;
}

function ownersOf(zone: ReadableZone, apex: WireName): ReadonlyMap<string, Owner> {
  const filed = Map.groupBy(zone.source?.records ?? [], ({ owner }) => formatName(owner));
  const written = Map.groupBy(zone.records, ({ owner }) => {
    const { name } = readOwner(owner, apex);
    return name === undefined ? undefined : formatName(name);
  });
  const names = new Set([...filed.keys(), ...written.keys()]);
  return new Map(
    [...names].flatMap((name) =>
      name === undefined
        ? []
        : [[name, { records: written.get(name) ?? [], filed: filed.get(name) ?? [] }] as const],
    ),
  );
}

/** The one with the longest apex. */
function zoneOf(index: AliasIndex, name: WireName): IndexedZone | undefined {
  for (let above = name; ; above = parentName(above)) {
    const zone = index.get(formatName(above));
    if (zone !== undefined) return zone;
    if (above.length === 1) return undefined;
  }
}

/** What is delegated is no longer ours to know. */
function isBelowCut({ apex, owners }: IndexedZone, name: WireName): boolean {
  for (let above = name; isSubdomain(above, apex) && !namesEqual(above, apex); above = parentName(above)) {
    const owner = owners.get(formatName(above));
    const hasServers =
      owner?.filed.some(({ type }) => type === RRType.NS) === true ||
      owner?.records.some(({ record }) => staticType(record) === RRType.NS) === true;
    if (hasServers) return true;
  }
  return false;
}
