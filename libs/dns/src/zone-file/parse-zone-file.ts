/**
 * Reads a zone file (RFC 1035 5) with the directives $ORIGIN, $TTL (RFC 2308), $INCLUDE and
 * $GENERATE. It goes on after a mistake, so that one run finds them all, and drops nothing
 * silently. Whether the records make a zone is judged in `check-zone.ts`. No I/O: the caller
 * reads the included files.
 */
import { parseNameKeepingCase } from '../name-text.ts';
import { type Entry, readEntries, type ZoneField } from './read-entries.ts';
import { readGenerate } from './read-generate.ts';
import { readNameField, readRecord, readTtl } from './read-record.ts';
import { noteMistake, type OpenFile, type ZoneReading } from './zone-reading.ts';
import type { ZoneMistake, ZoneRecord, ZoneWarning } from './zone-record.ts';

export interface ZoneFileOptions {
  /** The origin at the start, with or without its final dot. */
  readonly origin: string;
  /** What the text is called in records and mistakes. */
  readonly file: string;
  /** Text and name of what `$INCLUDE path` names in the file `from`; undefined when it cannot be read. */
  readonly include?: (path: string, from: string) => { text: string; file: string } | undefined;
  /** Seconds, for records without any TTL in a file that has no SOA either. */
  readonly defaultTtl?: number;
}

export interface ZoneFileContent {
  /** In the order of the file; those with a mistake are not among them. */
  readonly records: readonly ZoneRecord[];
  readonly mistakes: readonly ZoneMistake[];
  readonly warnings: readonly ZoneWarning[];
}

/** Throws NameError when `options.origin` is no name; nothing in the text makes it throw. */
export function parseZoneFile(text: string, options: ZoneFileOptions): ZoneFileContent {
  const reading: ZoneReading = {
    records: [],
    mistakes: [],
    warnings: [],
    defaultTtl: undefined,
    lastTtl: undefined,
    withoutTtl: [],
    generated: 0,
    included: 0,
  };
  const origin = parseNameKeepingCase(options.origin);
  const file: OpenFile = { name: options.file, origin, owner: undefined, includedBy: undefined };
  readFile(reading, file, text, options);
  settleTtls(reading, options.defaultTtl);
  const { records, mistakes, warnings } = reading;
  return { records, mistakes, warnings };
}

/** Files that a zone may be made of, and how deep they may include each other. */
export const MAX_INCLUDED = 1000;
export const MAX_INCLUDE_DEPTH = 16;

function readFile(reading: ZoneReading, file: OpenFile, text: string, options: ZoneFileOptions): void {
  for (const entry of readEntries(text)) {
    if (entry.kind === 'mistake') noteMistake(reading, file, entry, entry.message);
    else if (isDirective(entry)) readDirective(reading, file, entry.fields, options);
    else readRecord(reading, file, entry.fields, entry.blankOwner);
  }
}

function isDirective({ blankOwner, fields }: Extract<Entry, { kind: 'entry' }>): boolean {
  return !blankOwner && !fields[0]!.quoted && fields[0]!.text.startsWith('$');
}

function readDirective(
  reading: ZoneReading,
  file: OpenFile,
  fields: readonly ZoneField[],
  options: ZoneFileOptions,
): void {
  const [directive, argument] = fields;
  switch (directive!.text.toUpperCase()) {
    case '$ORIGIN':
      if (expectArguments(reading, file, fields, 1, '$ORIGIN NAME')) {
        file.origin = readNameField(reading, file, argument!) ?? file.origin;
      }
      return;
    case '$TTL':
      if (expectArguments(reading, file, fields, 1, '$TTL SECONDS')) {
        reading.defaultTtl = readTtl(reading, file, argument!) ?? reading.defaultTtl ?? 0;
      }
      return;
    case '$INCLUDE':
      if (expectArguments(reading, file, fields, 2, '$INCLUDE FILE [ORIGIN]')) {
        readIncluded(reading, file, fields, options);
      }
      return;
    case '$GENERATE':
      readGenerate(reading, file, fields);
      return;
    default: {
      const message = `${directive!.text} is no directive; write $ORIGIN, $TTL, $INCLUDE or $GENERATE, or \\$ for a name`;
      noteMistake(reading, file, directive!, message);
    }
  }
}

function expectArguments(
  reading: ZoneReading,
  file: OpenFile,
  fields: readonly ZoneField[],
  most: number,
  shape: string,
): boolean {
  if (fields.length > 1 && fields.length <= most + 1) return true;
  noteMistake(reading, file, fields[most + 1] ?? fields[0]!, `write ${shape} and nothing else on the line`);
  return false;
}

/** Origin and owner go in and are as before afterwards (RFC 1035 5.1); a TTL stays. */
function readIncluded(
  reading: ZoneReading,
  file: OpenFile,
  [, pathField, originField]: readonly ZoneField[],
  options: ZoneFileOptions,
): void {
  const path = pathField!.text.replaceAll(/\\([^])/g, '$1');
  const found = options.include?.(path, file.name);
  const refusal =
    found === undefined
      ? `${JSON.stringify(path)} cannot be read${options.include === undefined ? ' here; write its records into this file' : '; check that the file is there'}`
      : refuseIncluded(reading, file, found.file);
  if (found === undefined || refusal !== undefined) {
    noteMistake(reading, file, pathField!, refusal!);
    return;
  }
  const origin = originField === undefined ? file.origin : readNameField(reading, file, originField);
  reading.included += 1;
  const opened = { name: found.file, origin: origin ?? file.origin, owner: file.owner, includedBy: file };
  readFile(reading, opened, found.text, options);
}

function refuseIncluded(reading: ZoneReading, from: OpenFile, name: string): string | undefined {
  let depth = 0;
  for (let file: OpenFile | undefined = from; file !== undefined; file = file.includedBy) {
    if (file.name === name) return `${JSON.stringify(name)} includes itself; remove this line`;
    depth += 1;
  }
  if (depth > MAX_INCLUDE_DEPTH)
    return `files include each other more than ${MAX_INCLUDE_DEPTH} deep; flatten them`;
  if (reading.included >= MAX_INCLUDED) return `more than ${MAX_INCLUDED} files are included; join some`;
  return undefined;
}

/** Records before any TTL, when no SOA came to lend its minimum. */
function settleTtls(reading: ZoneReading, defaultTtl: number | undefined): void {
  for (const at of reading.withoutTtl) {
    const record = reading.records[at]!;
    if (defaultTtl !== undefined) {
      reading.records[at] = { ...record, ttl: defaultTtl };
    } else {
      const message = 'the record has no TTL; write one, or a $TTL line at the top';
      reading.mistakes.push({ file: record.file, line: record.line, column: 1, message });
    }
  }
}
