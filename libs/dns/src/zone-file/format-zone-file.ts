/**
 * Writes records as a zone file that any name server reads and `parse-zone-file.ts` reads back
 * to the same records: the SOA first, then by name in canonical order, one line each.
 */
import { RRType, typeName } from '../constants.ts';
import { formatNameKeepingCase, parseNameKeepingCase } from '../name-text.ts';
import { formatRdata } from '../rdata.ts';
import { type CasedName, compareNames, toWireName } from '../wire-name.ts';
import type { ZoneRecord } from './zone-record.ts';

export interface WrittenRecord extends Pick<ZoneRecord, 'owner' | 'type' | 'ttl' | 'rdata'> {
  /** Behind the record on its line; without line ends. */
  readonly comment?: string;
}

/**
 * `origin` with or without its final dot; throws NameError when it is no name. RDATA must be well-formed:
 * readers refuse other octets of a known type.
 */
export function formatZoneFile(records: readonly WrittenRecord[], origin: string): string {
  const apex = parseNameKeepingCase(origin);
  const sorted = records
    .map((record) => ({ record, name: toWireName(record.owner) }))
    .toSorted(
      (a, b) =>
        rank(a.record) - rank(b.record) || compareNames(a.name, b.name) || a.record.type - b.record.type,
    );
  const lines = sorted.map(({ record }) => lineOf(record, apex));
  return `$ORIGIN ${absolute(apex)}\n${lines.join('')}`;
}

function rank({ type }: WrittenRecord): number {
  return type === RRType.SOA ? 0 : 1;
}

function lineOf({ owner, type, ttl, rdata, comment }: WrittenRecord, apex: CasedName): string {
  const end = comment === undefined ? '' : ` ; ${comment}`;
  return `${ownerText(owner, apex)}\t${ttl}\tIN\t${typeName(type)}\t${formatRdata(type, rdata)}${end}\n`;
}

/** Relative to the apex where its letters have the same case, so that they are read back as they are. */
function ownerText(owner: CasedName, apex: CasedName): string {
  const headLength = owner.length - apex.length;
  let at = 0;
  while (at < headLength) at += owner[at]! + 1;
  const isBelow = at === headLength && apex.every((octet, i) => octet === owner[headLength + i]);
  if (!isBelow || apex.length === 1) return absolute(owner);
  if (headLength === 0) return '@';
  return formatNameKeepingCase(Uint8Array.from([...owner.subarray(0, headLength), 0]));
}

function absolute(name: Uint8Array): string {
  return name[0] === 0 ? '.' : `${formatNameKeepingCase(name)}.`;
}
