/**
 * Writes parts of a message straight from the image, each after a check that it fits. Nothing else of the library that
 * writes messages is needed: a part in the image is ready but for its pointers and TTL. Allocates nothing, never throws.
 */
import { HEADER_LENGTH, RRClass, RRType } from '@signpost/dns/constants';
import { readUint16, writeUint16, writeUint32 } from '@signpost/dns/uint16';

import type { ImageIndex } from '../image/image-index.ts';
import { RECORD_HEADER, SetEntry, ZoneEntry } from '../image/layout.ts';
import type { FastState } from './fast-state.ts';

export const POINTER = 0xc000;
export const TO_QUESTION = POINTER | HEADER_LENGTH;
const TTL_AT = 6;
const RDLENGTH_AT = 10;

/** From the image or a query; false: it does not fit. */
export function copyFast(
  state: FastState,
  output: Uint8Array,
  octets: Uint8Array,
  from: number,
  length: number,
): boolean {
  const { at } = state;
  if (at + length > state.limit) return false;
  for (let i = 0; i < length; i += 1) output[at + i] = octets[from + i]!;
  state.at = at + length;
  return true;
}

/** The SOA of the zone at hand, as a denial has it (RFC 2308 section 3); `apexOffset`: of the apex in the question's name. */
export function writeSoaFast(
  { words, octets }: ImageIndex,
  state: FastState,
  output: Uint8Array,
  apexOffset: number,
  ttlSeconds: number,
): boolean {
  const { at, zone } = state;
  const set = words[zone + ZoneEntry.soa]!;
  const length = words[set + SetEntry.readyLength]!;
  if (!copyFast(state, output, octets, words[set + SetEntry.ready]! * 4, length)) return false;
  writeUint16(output, at, TO_QUESTION + apexOffset);
  writeUint32(output, at + TTL_AT, ttlSeconds);
  const pointers = words[zone + ZoneEntry.soaPointers]!;
  // Written for a question for the apex; behind a longer one all that names point at stands further on.
  shiftPointer(output, at, pointers >>> 16, apexOffset);
  shiftPointer(output, at, pointers & 0xffff, apexOffset);
  state.authorities += 1;
  return true;
}

function shiftPointer(output: Uint8Array, start: number, at: number, by: number): void {
  if (at !== 0) writeUint16(output, start + at, readUint16(output, start + at) + by);
}

/** One record whose RDATA holds no name that is compressed. */
export function writeRecordFast(
  state: FastState,
  output: Uint8Array,
  owner: number,
  type: number,
  ttlSeconds: number,
  rdata: Uint8Array,
): boolean {
  const { at } = state;
  const { length } = rdata;
  if (at + RECORD_HEADER + length > state.limit) return false;
  writeUint16(output, at, owner);
  writeUint16(output, at + 2, type);
  writeUint16(output, at + 4, RRClass.IN);
  writeUint32(output, at + TTL_AT, ttlSeconds);
  writeUint16(output, at + RDLENGTH_AT, length);
  for (let i = 0; i < length; i += 1) output[at + RECORD_HEADER + i] = rdata[i]!;
  state.at = at + RECORD_HEADER + length;
  return true;
}

/** A static set of addresses, owned by what `owner` points at. */
export function writeAddressesFast(
  { words, octets }: ImageIndex,
  state: FastState,
  output: Uint8Array,
  set: number,
  owner: number,
): boolean {
  const { at } = state;
  const length = words[set + SetEntry.plainLength]!;
  if (!copyFast(state, output, octets, (set + SetEntry.plain) * 4, length)) return false;
  const step = RECORD_HEADER + (words[set + SetEntry.type] === RRType.A ? 4 : 16);
  for (let record = at; record < at + length; record += step) writeUint16(output, record, owner);
  return true;
}

/** What points at the name that stands at `at` of the message; where that is a pointer itself, it is it. */
export function pointerTo(output: Uint8Array, at: number): number {
  return output[at]! >= 0xc0 ? readUint16(output, at) : POINTER | at;
}
