/**
 * One record out of the fields of its entry: owner, TTL and class in either order, type,
 * RDATA (RFC 1035 5.1). Every mistake is noted at its field; a record with one is left out.
 */
import { classCode, className, isDataType, RRClass, RRType, typeCode, typeName } from '../constants.ts';
import { NameError, RdataError } from '../errors.ts';
import { parseNameUnder } from '../name-text.ts';
import { encodeRdataFields } from '../rdata.ts';
import { readSeconds } from '../rdata/read-field.ts';
import { readUint32 } from '../uint16.ts';
import type { CasedName } from '../wire-name.ts';
import type { ZoneField } from './read-entries.ts';
import { noteMistake, noteWarning, type OpenFile, type Position, type ZoneReading } from './zone-reading.ts';

/** Reads the entry's owner, which becomes the file's last one, and the record behind it. */
export function readRecord(
  reading: ZoneReading,
  file: OpenFile,
  fields: readonly ZoneField[],
  blankOwner: boolean,
): void {
  const first = fields[0]!;
  if (!blankOwner) {
    file.owner = readOwner(reading, file, first);
  } else if (file.owner === undefined && !reading.mistakes.some(({ file: name }) => name === file.name)) {
    noteMistake(reading, file, first, 'no owner stands here or before; begin the line with a name');
  }
  readRecordOf(reading, file, file.owner, blankOwner ? fields : fields.slice(1), first);
}

export function readOwner(reading: ZoneReading, file: OpenFile, field: ZoneField): CasedName | undefined {
  if (field.quoted) {
    noteMistake(reading, file, field, 'an owner name stands without quotes; remove them');
    return undefined;
  }
  return readNameField(reading, file, field);
}

export function readNameField(reading: ZoneReading, file: OpenFile, field: ZoneField): CasedName | undefined {
  try {
    return parseNameUnder(file.origin, field.text);
  } catch (error) {
    if (!(error instanceof NameError)) throw error;
    noteMistake(reading, file, field, error.message);
    return undefined;
  }
}

/** `fields` begin behind the owner. An unknown owner was noted already; the rest is read for its own mistakes. */
export function readRecordOf(
  reading: ZoneReading,
  file: OpenFile,
  owner: CasedName | undefined,
  fields: readonly ZoneField[],
  start: Position,
): void {
  const head = readHead(reading, file, fields, start);
  if (head === undefined) return;
  const { type, ttl, rdataFields } = head;
  const rdata = readRdata(reading, file, type, rdataFields, fields.at(-1)!);
  if (rdata === undefined || owner === undefined) return;
  const known = ttlOf(reading, file, type, ttl, rdata, start);
  if (known === undefined) reading.withoutTtl.push(reading.records.length);
  reading.records.push({ owner, type, ttl: known ?? 0, rdata, file: file.name, line: start.line });
}

interface Head {
  readonly type: number;
  readonly ttl: number | undefined;
  readonly rdataFields: readonly ZoneField[];
}

function readHead(
  reading: ZoneReading,
  file: OpenFile,
  fields: readonly ZoneField[],
  start: Position,
): Head | undefined {
  let ttl: number | undefined;
  let classField: ZoneField | undefined;
  let next = 0;
  for (; next < 2 && next < fields.length; next += 1) {
    const field = fields[next]!;
    if (classField === undefined && !field.quoted && classCode(field.text) !== undefined) classField = field;
    else if (ttl === undefined && TTL.test(field.text)) {
      ttl = readTtl(reading, file, field);
      if (ttl === undefined) return undefined;
    } else break;
  }
  if (classField !== undefined && classCode(classField.text) !== RRClass.IN) {
    const name = className(classCode(classField.text)!);
    noteMistake(reading, file, classField, `class ${name} is not served here; write IN or no class`);
    return undefined;
  }
  const typeField = fields[next];
  if (typeField === undefined) {
    const message =
      'the record has no type; write OWNER TTL TYPE and the data, such as "www 300 A 192.0.2.1"';
    noteMistake(reading, file, fields.at(-1) ?? start, message);
    return undefined;
  }
  const type = readType(reading, file, typeField);
  return type === undefined ? undefined : { type, ttl, rdataFields: fields.slice(next + 1) };
}

const TTL = /^(\d+|(\d+[wdhms])+)$/i;

/** Seconds; more than 2^31-1 are none (RFC 2181 8). Undefined when it is no such number, which is noted. */
export function readTtl(reading: ZoneReading, file: OpenFile, field: ZoneField): number | undefined {
  try {
    const seconds = readSeconds('TTL', 'the TTL', field);
    if (seconds <= 0x7fffffff) return seconds;
    noteWarning(
      reading,
      file,
      field,
      `a TTL above 2147483647 is read as 0 (RFC 2181 8); write a smaller one`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof RdataError)) throw error;
    noteMistake(reading, file, field, error.message);
    return undefined;
  }
}

function readType(reading: ZoneReading, file: OpenFile, field: ZoneField): number | undefined {
  const type = field.quoted ? undefined : typeCode(field.text);
  const shown = JSON.stringify(field.text.slice(0, 80));
  if (type === undefined) {
    noteMistake(
      reading,
      file,
      field,
      `${shown} is no record type; write one like A or MX, or TYPE and its number`,
    );
    return undefined;
  }
  if (isDataType(type)) return type;
  noteMistake(
    reading,
    file,
    field,
    `${typeName(type)} is for questions and messages, never data; remove the record`,
  );
  return undefined;
}

function readRdata(
  reading: ZoneReading,
  file: OpenFile,
  type: number,
  fields: readonly ZoneField[],
  end: Position,
): Uint8Array | undefined {
  const lost = fields.find(({ text }) => text.includes('\uFFFD'));
  if (lost !== undefined) {
    const message = 'this text is not UTF-8, so its octets are unknown; write those beyond ASCII as \\DDD';
    noteMistake(reading, file, lost, message);
    return undefined;
  }
  try {
    return encodeRdataFields(type, fields, file.origin);
  } catch (error) {
    if (!(error instanceof RdataError)) throw error;
    const field = fields.find((each) => each === error.field);
    noteMistake(reading, file, field ?? fields[0] ?? end, error.message);
    return undefined;
  }
}

/**
 * What is written, else $TTL, else the last one written, else the minimum of the SOA (RFC 2308 4, RFC 1035 5.1).
 * Undefined when the SOA is yet to come.
 */
function ttlOf(
  reading: ZoneReading,
  file: OpenFile,
  type: number,
  written: number | undefined,
  rdata: Uint8Array,
  start: Position,
): number | undefined {
  if (written !== undefined) reading.lastTtl = written;
  const ttl = written ?? reading.defaultTtl ?? reading.lastTtl;
  if (type !== RRType.SOA) return ttl;
  const minimum = Math.min(readUint32(rdata, rdata.length - 4), 0x7fffffff);
  if (ttl === undefined) {
    reading.defaultTtl = minimum;
    noteWarning(reading, file, start, 'no TTL is written, the minimum of the SOA stands in; add a $TTL line');
  }
  for (const at of reading.withoutTtl.splice(0)) {
    reading.records[at] = { ...reading.records[at]!, ttl: minimum };
  }
  return ttl ?? minimum;
}
