/**
 * The records of a zone file as a configuration in YAML: `soa`, `ns` and static records, octet for octet what the
 * file says, owner names in lower case. What a configuration cannot say is listed. Pure.
 */
import { parseRecordSetField } from '@signpost/contracts/keys';
import { RRType, typeCode } from '@signpost/dns/constants';
import { formatName, parseName } from '@signpost/dns/name-text';
import type { ZoneRecord } from '@signpost/dns/zone-file/zone-record';

import { relativeOwner } from './import/canonical-names.ts';
import { usualTtl } from './import/static-set.ts';
import { writeConfiguration } from './import/write-configuration.ts';
import { storedZone } from './stored-zone.ts';
import { textValue } from './text-value.ts';

export interface ImportedZone {
  /** A configuration with this zone alone. */
  readonly yaml: string;
  /** What is not in it, one line each. */
  readonly lost: readonly string[];
}

/** `records` of a zone without mistakes; `origin` with or without its final dot. */
export function importZone(records: readonly ZoneRecord[], origin: string): ImportedZone {
  const apex = formatName(parseName(origin));
  const { facts, recordSets } = storedZone(records);
  const sets = [...recordSets].map(([field, set]) => ({ ...parseRecordSetField(field), ...set }));
  const ns = sets.find(({ owner, type }) => owner === apex && type === 'NS');
  if (facts === undefined || ns === undefined) throw new TypeError('the zone was not checked');
  const { primary, contact, refresh, retry, expire, negativeTtl, ttl } = facts.soa;
  const others = sets.filter((set) => set !== ns);
  const usual = usualTtl(others);
  const owners = Map.groupBy(others, ({ owner }) => relativeOwner(owner, apex)!);
  const written = [...owners].map(([owner, own]) => [owner, own.map((set) => recordOf(set, usual))] as const);
  const zone = {
    soa: { primary, contact, refresh, retry, expire, negative_ttl: negativeTtl, ttl },
    ns: ns.rdata,
    ...(ns.ttl !== usual && { ns_ttl: ns.ttl }),
    ttl: usual,
    records: new Map(written.map(([owner, own]) => [owner, own.length === 1 ? own[0] : own])),
  };
  const yaml = writeConfiguration({ apiVersion: 'signpost/v1', zones: new Map([[apex, zone]]) });
  return { yaml, lost: lostOf(records, facts.soa.serial) };
}

interface NamedSet {
  readonly type: string;
  readonly ttl: number;
  readonly rdata: readonly string[];
}

function recordOf({ type, ttl, rdata }: NamedSet, zoneTtl: number): object {
  const values = rdata.map((text) => (type === 'TXT' ? textValue(text) : text));
  return {
    type,
    ...(ttl === zoneTtl ? {} : { ttl }),
    ...(values.length === 1 ? { value: values[0] } : { values }),
  };
}

function lostOf(records: readonly ZoneRecord[], serial: number): string[] {
  const soa = records.find(({ type }) => type === RRType.SOA)!;
  const timers = new DataView(soa.rdata.buffer, soa.rdata.byteOffset + soa.rdata.length - 16, 16);
  const clamped = ['refresh', 'retry', 'expire', 'minimum'].flatMap((name, index) => {
    const value = timers.getUint32(4 * index);
    return value <= 0x7fffffff
      ? []
      : [`the ${name} ${value} of the SOA: it becomes 2147483647, the most there is`];
  });
  return [
    `the serial ${serial} of the SOA: Signpost numbers what it publishes itself`,
    ...clamped,
    ...mixedSignatures(records),
  ];
}

/** Signatures of one name are one record here, with one TTL. */
function mixedSignatures(records: readonly ZoneRecord[]): string[] {
  const signatures = records.filter(({ type }) => type === typeCode('RRSIG'));
  const byOwner = Map.groupBy(signatures, ({ owner }) => formatName(owner));
  return [...byOwner].flatMap(([owner, own]) => {
    const ttls = [...new Set(own.map(({ ttl }) => ttl))].toSorted((a, b) => a - b);
    if (ttls.length < 2) return [];
    return [`the TTLs ${ttls.join(', ')} of the RRSIG records of ${owner}: all get ${ttls[0]}`];
  });
}
