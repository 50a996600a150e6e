/** Static records of octoDNS: name servers and SOA of the zone, aliases, and values of all other types. */
import { absoluteHost, relativeOwner } from '../canonical-names.ts';
import { canonicalRdata } from '../static-values.ts';
import { shortly } from '../remark.ts';
import type { OctodnsEntry, OctodnsZone } from './octodns-entry.ts';
import { writtenValues } from './octodns-entry.ts';
import { IMPORTED_TYPES, rdataOfValue } from './rdata-of-value.ts';
import { readSoa } from './read-soa.ts';

export function addStaticRecord(entry: OctodnsEntry, zone: OctodnsZone): void {
  const { record, placeOf } = entry;
  const { type } = record;
  if (type === 'SOA') {
    readSoa(entry, zone);
    return;
  }
  const written = writtenValues(record);
  if (!IMPORTED_TYPES.includes(type)) {
    const values = written.map(({ value }) => value);
    const said = values.map(shortly).join(', ');
    zone.remarks.lost(placeOf(), `no name server knows the type ${type}: ${said}`, values);
    return;
  }
  if (written.length === 0) zone.remarks.lost(placeOf(), 'it has no value');
  const texts = written.flatMap(({ value, path }) => {
    const read = rdataOfValue(type, value);
    if (read === undefined) {
      zone.remarks.lost(placeOf(...path), `${shortly(value)} has not the form of ${type}`, value);
      return [];
    }
    for (const key of read.unknown) zone.remarks.lost(placeOf(...path, key), `nothing is known of ${key}`);
    return [{ text: read.text, path }];
  });
  if (type === 'ALIAS') {
    for (const { text } of texts) addAlias(entry, text, zone);
    return;
  }
  const served = type === 'SPF' ? 'TXT' : type;
  const values = texts.flatMap(({ text, path }) => {
    const { rdata, problem } = canonicalRdata(served, text);
    if (problem !== undefined) zone.remarks.lost(placeOf(...path), problem);
    return rdata === undefined ? [] : [rdata];
  });
  if (values.length === 0) return;
  if (type === 'SPF') zone.remarks.changed(placeOf('type'), 'SPF became TXT (RFC 7208 section 3.1)');
  zone.draft.addStatic(entry.owner, served, record.ttl, values, placeOf());
}

/** The name of a steered record of the zone, so that the alias follows it at once; else a host to be resolved. */
function addAlias({ owner, record, placeOf }: OctodnsEntry, target: string, zone: OctodnsZone): void {
  const host = absoluteHost(target);
  const inside = relativeOwner(host, zone.draft.apex);
  const follows = inside !== undefined && zone.steeredOwners.has(inside);
  const alias = follows ? inside : host;
  if (follows && record.ttl !== undefined) {
    zone.remarks.changed(placeOf('ttl'), `an alias of a steered name has the TTL of that, not ${record.ttl}`);
  }
  zone.draft.addSteered(
    owner,
    { alias, ...(record.ttl !== undefined && !follows && { ttl: record.ttl }) },
    placeOf(),
  );
}
