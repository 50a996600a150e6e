/**
 * Warns of names that lead nowhere though their zone is in this configuration, as `signpost check-zone` does of a zone
 * file: name servers, hosts and aliases that no record stands at. No mistake, since all of it can be served.
 */
import type { RecordConfiguration } from '@signpost/contracts/record-configuration';
import { RRType, typeCode } from '@signpost/dns/constants';
import { encodeRdata } from '@signpost/dns/rdata';
import { parentName, toWireName, type WireName } from '@signpost/dns/wire-name';
import { danglingProblem, doubledOwner, targetOf } from '@signpost/dns/zone-file/dangling-names';
import { KnownZone } from '@signpost/dns/zone-file/known-zone';
import { keyOf } from '@signpost/dns/zone-file/zone-node';

import { sourceNote } from './check-zone-source.ts';
import { readName, readOwner } from './name-problem.ts';
import type { ReadableParts, ReadableZone } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';
import { recordTexts } from './static-record.ts';

/** Of parts without mistakes. */
export function danglingWarnings({ zones }: ReadableParts): ReferenceMistake[] {
  const known = zones.map((zone) => ({ zone, apex: wireName(zone.apex) }));
  const index = new Map(known.map(({ zone, apex }) => [keyOf(apex), knownZone(zone, apex)]));
  return known.flatMap(({ zone, apex }) => {
    const leads = leadsOf(zone, apex).flatMap(({ owner, type, rdata, at }) => {
      const target = targetOf(type, rdata);
      const home = target === undefined ? undefined : zoneOf(index, target);
      if (target === undefined || home === undefined) return [];
      const message = danglingProblem(type, target, owner, home);
      return message === undefined ? [] : [at(message)];
    });
    return [...doubledOwners(zone, apex), ...leads];
  });
}

/** A record that may lead to a name. */
interface Lead {
  readonly owner: WireName;
  readonly type: number;
  readonly rdata: Uint8Array;
  /** A warning at the place where it is written. */
  readonly at: (message: string) => ReferenceMistake;
}

function leadsOf(zone: ReadableZone, apex: WireName): Lead[] {
  const path = ['zones', zone.apex];
  const { source } = zone;
  const servers = (zone.ns ?? []).map((text, index) => ({
    owner: apex,
    type: RRType.NS,
    rdata: encodeRdata(RRType.NS, text),
    at: (message: string) => ({ path: [...path, 'ns', index], message }),
  }));
  const filed = (source?.records ?? []).map(({ owner, type, rdata, file, line }) => ({
    owner: toWireName(owner),
    type,
    rdata,
    at: (message: string) => ({
      ...sourceNote(source!.key, { file, line, column: 1, message }),
      path: [...path, source!.key],
    }),
  }));
  const written = zone.records.flatMap(({ owner, record, path: recordPath }) => {
    if (!('type' in record)) return [];
    const type = typeCode(record.type)!;
    const values = record.values ?? [record.value!];
    return recordTexts(record.type, values).map((text, index) => ({
      owner: readOwner(owner, apex).name!,
      type,
      rdata: encodeRdata(type, text),
      at: (message: string) => ({
        path: [...recordPath, ...(record.values === undefined ? ['value'] : ['values', index])],
        message,
      }),
    }));
  });
  return [...servers, ...filed, ...written];
}

function doubledOwners({ apex: text, source, records }: ReadableZone, apex: WireName): ReferenceMistake[] {
  const written = new Set(records.map(({ owner }) => owner));
  const seen = new Set<string>();
  return [
    ...(source?.records ?? []).flatMap(({ owner, file, line }) => {
      const name = toWireName(owner);
      const message = doubledOwner(name, apex);
      if (message === undefined || seen.has(keyOf(name))) return [];
      seen.add(keyOf(name));
      const note = sourceNote(source!.key, { file, line, column: 1, message });
      return [{ ...note, path: ['zones', text, source!.key] }];
    }),
    ...[...written].flatMap((owner) => {
      const message = doubledOwner(readOwner(owner, apex).name!, apex);
      const path = ['zones', text, 'records', owner];
      return message === undefined ? [] : [{ path, message, atKey: true as const }];
    }),
  ];
}

function knownZone({ source, records }: ReadableZone, apex: WireName): KnownZone {
  const nodes = new Map<string, { readonly name: WireName; readonly records: { readonly type: number }[] }>();
  const add = (name: WireName, types: readonly number[]): void => {
    const key = keyOf(name);
    const node = nodes.get(key) ?? { name, records: [] };
    nodes.set(key, node);
    node.records.push(...types.map((type) => ({ type })));
  };
  for (const { owner, type } of source?.records ?? []) add(toWireName(owner), [type]);
  for (const { owner, record } of records) add(readOwner(owner, apex).name!, typesOf(record));
  return new KnownZone(apex, nodes);
}

/** What a query may find. Names that follow from a steered record are below it: there nothing is known, as below a DNAME. */
function typesOf(record: RecordConfiguration): readonly number[] {
  if ('type' in record) return [typeCode(record.type)!];
  const addresses = [RRType.A, RRType.AAAA];
  if ('alias' in record) return addresses;
  const hasNamesBelow =
    record.affinity_names === true || record.types.some((type) => type !== 'A' && type !== 'AAAA');
  return hasNamesBelow ? [...addresses, RRType.DNAME] : addresses;
}

/** The one with the longest apex. */
function zoneOf(index: ReadonlyMap<string, KnownZone>, name: WireName): KnownZone | undefined {
  for (let above = name; ; above = parentName(above)) {
    const zone = index.get(keyOf(above));
    if (zone !== undefined || above.length === 1) return zone;
  }
}

function wireName(text: string): WireName {
  const { name, problem } = readName(text);
  if (name === undefined) throw new TypeError(`the zone was not checked: ${problem}`);
  return name;
}
