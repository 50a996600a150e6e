/**
 * What reading a zone file yields: records in wire form, and mistakes and warnings
 * that say where and what to do. Types only. Class is IN throughout.
 */
import type { CasedName } from '../wire-name.ts';

export interface ZoneRecord {
  /** Absolute, letters as written. */
  readonly owner: CasedName;
  readonly type: number;
  /** Seconds, 0 to 2^31-1 (RFC 2181 8). */
  readonly ttl: number;
  /** Wire form, names uncompressed. */
  readonly rdata: Uint8Array;
  /** As given for the text that the record stands in, an included one too. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** A mistake makes the zone unfit to be served; a warning says what was read otherwise than written. */
export interface ZoneMistake {
  readonly file: string;
  /** From 1; 0 when it is about the zone as a whole. */
  readonly line: number;
  /** In characters, from 1. */
  readonly column: number;
  /** With the remedy. */
  readonly message: string;
}

export type ZoneWarning = ZoneMistake;
