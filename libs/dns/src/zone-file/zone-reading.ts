/**
 * The state of reading one zone: what the whole reading shares and what each open file
 * has of its own. Only the shape and how a mistake is noted; what changes it stands in
 * `read-directive.ts` and `read-record.ts`.
 */
import type { CasedName } from '../wire-name.ts';
import type { ZoneField } from './read-entries.ts';
import type { ZoneMistake, ZoneRecord, ZoneWarning } from './zone-record.ts';

/** Shared by a zone file and all that it includes. */
export interface ZoneReading {
  readonly records: ZoneRecord[];
  readonly mistakes: ZoneMistake[];
  readonly warnings: ZoneWarning[];
  /** Of $TTL, or the minimum of an SOA that stood without a TTL; seconds. */
  defaultTtl: number | undefined;
  /** The last one written at a record; seconds. */
  lastTtl: number | undefined;
  /** Places in `records` of those that still wait for a TTL: they stand before any. */
  readonly withoutTtl: number[];
  /** Records that $GENERATE has made. */
  generated: number;
  /** Files that $INCLUDE has read. */
  included: number;
}

/** One text, from its first to its last line. */
export interface OpenFile {
  readonly name: string;
  origin: CasedName;
  /** Of the last record, for a blank owner; undefined before the first. */
  owner: CasedName | undefined;
  /** The file that includes this one. */
  readonly includedBy: OpenFile | undefined;
}

export function noteMistake(reading: ZoneReading, file: OpenFile, at: Position, message: string): void {
  reading.mistakes.push({ file: file.name, line: at.line, column: at.column, message });
}

export function noteWarning(reading: ZoneReading, file: OpenFile, at: Position, message: string): void {
  reading.warnings.push({ file: file.name, line: at.line, column: at.column, message });
}

export type Position = Pick<ZoneField, 'line' | 'column'>;
