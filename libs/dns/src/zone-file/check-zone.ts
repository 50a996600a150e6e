/**
 * Judges whether records make a zone that can be served, and puts right what has one
 * obvious reading: duplicates are merged, TTLs within an RRset made equal, names outside
 * the zone left out, each with a warning. Pure; the records come from `parse-zone-file.ts`.
 */
import { RRType, typeName } from '../constants.ts';
import { formatNameKeepingCase, parseName } from '../name-text.ts';
import { canonicalRdata } from '../rdata/canonical-rdata.ts';
import { readUint16 } from '../uint16.ts';
import { isSubdomain, namesEqual, toWireName, type WireName } from '../wire-name.ts';
import { warnOfDanglingNames } from './dangling-names.ts';
import { excludeEachOther, SINGLE_TYPES } from './name-rules.ts';
import { keyOf, type ZoneNode } from './zone-node.ts';
import type { ZoneMistake, ZoneRecord, ZoneWarning } from './zone-record.ts';

export interface CheckedZone {
  /** In the order given. To be served only when there are no mistakes. */
  readonly records: readonly ZoneRecord[];
  readonly mistakes: readonly ZoneMistake[];
  readonly warnings: readonly ZoneWarning[];
}

/**
 * `origin` with or without its final dot; throws NameError when it is no name. `findsDangling`: warns of names that
 * lead nowhere; not where further records of the zone stand elsewhere, or nobody reads the warnings.
 */
export function checkZone(records: readonly ZoneRecord[], origin: string, findsDangling = true): CheckedZone {
  const apex = parseName(origin);
  const warnings: ZoneWarning[] = [];
  const nodes = nodesOf(withinZone(records, apex, warnings));
  const kept = new Set<ZoneRecord>();
  const replaced = new Map<ZoneRecord, ZoneRecord>();
  for (const node of nodes.values()) {
    const settled = setsOf(node.records).flatMap((set) => settle(set, replaced, warnings));
    node.records.splice(0, node.records.length, ...settled);
    for (const record of settled) kept.add(record);
  }
  const ordered = records
    .map((record) => replaced.get(record) ?? record)
    .filter((record) => kept.has(record));
  const mistakes = [
    ...apexMistakes(nodes.get(keyOf(apex))?.records ?? [], apex, records[0]?.file ?? origin),
    ...[...nodes.values()].flatMap((node) => nodeMistakes(node, apex)),
  ];
  if (findsDangling) warnOfDanglingNames(nodes, apex, warnings);
  const order = fileOrder(records);
  return { records: ordered, mistakes: mistakes.toSorted(order), warnings: warnings.toSorted(order) };
}

/** Compares by file, in the order in which the files come up, and by line. */
function fileOrder(records: readonly ZoneRecord[]): (a: ZoneMistake, b: ZoneMistake) => number {
  const files = new Map<string, number>();
  for (const { file } of records) if (!files.has(file)) files.set(file, files.size);
  return (a, b) => (files.get(a.file) ?? 0) - (files.get(b.file) ?? 0) || a.line - b.line;
}

function withinZone(records: readonly ZoneRecord[], apex: WireName, warnings: ZoneWarning[]): ZoneRecord[] {
  return records.filter((record) => {
    const within = isSubdomain(toWireName(record.owner), apex);
    if (!within) {
      const message = `${shown(record.owner)} is not in the zone ${shown(apex)} and is left out; move it to its zone`;
      warnings.push(noteAt(record, message));
    }
    return within;
  });
}

function nodesOf(records: readonly ZoneRecord[]): Map<string, ZoneNode> {
  const nodes = new Map<string, ZoneNode>();
  for (const record of records) {
    const name = toWireName(record.owner);
    const key = keyOf(name);
    const node = nodes.get(key);
    if (node === undefined) nodes.set(key, { name, records: [record] });
    else node.records.push(record);
  }
  return nodes;
}

/** RRsets; signatures count as one set for each type that they cover (RFC 4034 3). */
function setsOf(records: readonly ZoneRecord[]): ZoneRecord[][] {
  const sets = new Map<number, ZoneRecord[]>();
  for (const record of records) {
    const { type, rdata } = record;
    const key = type === RRType.RRSIG ? type + 0x10000 * (1 + readUint16(rdata, 0)) : type;
    const set = sets.get(key);
    if (set === undefined) sets.set(key, [record]);
    else set.push(record);
  }
  return [...sets.values()];
}

/** The set with the lowest of its TTLs (RFC 2181 5.2) and each record once (RFC 2181 5). */
function settle(
  set: readonly ZoneRecord[],
  replaced: Map<ZoneRecord, ZoneRecord>,
  warnings: ZoneWarning[],
): ZoneRecord[] {
  if (set.length === 1) return [...set];
  const ttl = set.reduce((lowest, record) => Math.min(lowest, record.ttl), Number.POSITIVE_INFINITY);
  const other = set.find((record) => record.ttl !== ttl);
  if (other !== undefined) {
    const message = `the ${typeName(other.type)} records of ${shown(other.owner)} have several TTLs and all get the lowest, ${ttl}; write one TTL`;
    warnings.push(noteAt(other, message));
  }
  const seen = new Set<string>();
  return set.flatMap((record) => {
    const key = keyOf(canonicalRdata(record.type, record.rdata));
    if (seen.has(key)) {
      const message = `this ${typeName(record.type)} record of ${shown(record.owner)} stands here twice and is kept once; remove one`;
      warnings.push(noteAt(record, message));
      return [];
    }
    seen.add(key);
    if (record.ttl === ttl) return [record];
    const lowered = { ...record, ttl };
    replaced.set(record, lowered);
    return [lowered];
  });
}

function apexMistakes(records: readonly ZoneRecord[], apex: WireName, file: string): ZoneMistake[] {
  const mistakes: ZoneMistake[] = [];
  const [soa, second] = records.filter(({ type }) => type === RRType.SOA);
  const whole = { file, line: 0, column: 1 };
  if (soa === undefined) {
    mistakes.push({ ...whole, message: `the zone ${shown(apex)} has no SOA record at its apex; add one` });
  }
  if (second !== undefined) {
    const message = `the zone has a second SOA record, the first is in line ${soa!.line}; keep one`;
    mistakes.push(noteAt(second, message));
  }
  if (!records.some(({ type }) => type === RRType.NS)) {
    mistakes.push({ ...whole, message: `the zone ${shown(apex)} has no NS record at its apex; add one` });
  }
  return mistakes;
}

/** What no name may have (RFC 1034 3.6.2, RFC 2181 10.1, RFC 6672 2.4). */
function nodeMistakes({ name, records }: ZoneNode, apex: WireName): ZoneMistake[] {
  const mistakes: ZoneMistake[] = [];
  const soa = records.find(({ type }) => type === RRType.SOA);
  if (soa !== undefined && !namesEqual(name, apex)) {
    const message = `an SOA record stands at the apex ${shown(apex)} alone, not at ${shown(soa.owner)}; remove it`;
    mistakes.push(noteAt(soa, message));
  }
  for (const type of SINGLE_TYPES) {
    const [first, second] = records.filter((record) => record.type === type);
    if (second === undefined) continue;
    const message = `${shown(second.owner)} has a second ${typeName(type)} record, the first is in line ${first!.line}; keep one`;
    mistakes.push(noteAt(second, message));
  }
  const alias = records.find(({ type }) => type === RRType.CNAME);
  const beside = records.find(({ type }) => excludeEachOther(RRType.CNAME, type));
  if (alias === undefined || beside === undefined) return mistakes;
  const message = `${shown(alias.owner)} has a CNAME in line ${alias.line} and ${typeName(beside.type)} in line ${beside.line}; an alias has no other data, keep one of them`;
  mistakes.push(noteAt(records.indexOf(alias) < records.indexOf(beside) ? beside : alias, message));
  return mistakes;
}

function noteAt({ file, line }: ZoneRecord, message: string): ZoneMistake {
  return { file, line, column: 1, message };
}

function shown(name: Uint8Array): string {
  return name[0] === 0 ? '.' : `${formatNameKeepingCase(name)}.`;
}
