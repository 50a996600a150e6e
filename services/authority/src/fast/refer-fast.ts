/**
 * A referral as `encode/write-referral.ts` writes it: the NS records of the zone cut, and the addresses of name servers
 * that the zone holds, those below the cut first. False: it does not fit. Allocates nothing, never throws.
 */
import { RRType } from '@signpost/dns/constants';
import type { Query } from '@signpost/dns/query';
import { suffixHash } from '@signpost/dns/suffix-hash';
import { readUint16, writeUint16 } from '@signpost/dns/uint16';
import { LOWER_CASE } from '@signpost/dns/wire-name';

import type { ImageIndex } from '../image/image-index.ts';
import { NameEntry, RECORD_HEADER, SetEntry, SetKind } from '../image/layout.ts';
import type { FastState } from './fast-state.ts';
import { findSet } from './steer-fast.ts';
import { copyFast, pointerTo, TO_QUESTION, writeAddressesFast } from './write-fast.ts';

/** `cut`: entry of the name, whose label in the question is `state.cutLabel`. */
export function writeReferralFast(
  index: ImageIndex,
  { name }: Query,
  state: FastState,
  cut: number,
  output: Uint8Array,
): boolean {
  const { words, octets } = index;
  const set = findSet(words, cut, RRType.NS);
  const start = state.at;
  const length = words[set + SetEntry.readyLength]!;
  if (length < 0 || !copyFast(state, output, octets, words[set + SetEntry.ready]! * 4, length)) return false;
  shiftNames(output, start, state.at, name.labelOffsets[state.cutLabel]!);
  state.authorities = words[set + SetEntry.records]!;
  return (
    writeGlue(index, state, cut, set, start, true, output) &&
    writeGlue(index, state, cut, set, start, false, output)
  );
}

/** They were written for a question for the cut itself; behind a longer one all they point at stands further on. */
function shiftNames(output: Uint8Array, start: number, end: number, by: number): void {
  for (let at = start; at < end;) {
    const rdata = at + RECORD_HEADER;
    const next = rdata + readUint16(output, rdata - 2);
    writeUint16(output, at, TO_QUESTION + by);
    let label = rdata;
    while (output[label] !== 0 && output[label]! < 0xc0) label += output[label]! + 1;
    if (output[label] !== 0) writeUint16(output, label, readUint16(output, label) + by);
    at = next;
  }
}

/** Of the servers below the cut, or of the others. */
function writeGlue(
  index: ImageIndex,
  state: FastState,
  cut: number,
  set: number,
  written: number,
  below: boolean,
  output: Uint8Array,
): boolean {
  const { words, octets } = index;
  const { octets: target } = state.target;
  let plain = (set + SetEntry.plain) * 4;
  let at = written;
  for (let left = words[set + SetEntry.records]!; left > 0; left -= 1) {
    const length = readUint16(octets, plain + RECORD_HEADER - 2);
    for (let i = 0; i < length; i += 1) target[i] = LOWER_CASE[octets[plain + RECORD_HEADER + i]!]!;
    if (isBelow(index, cut, target, length) === below) {
      const host = index.findName(state.zone, target, 0, length, suffixHash(target, 0, length));
      const owner = pointerTo(output, at + RECORD_HEADER);
      if (host !== 0 && !writeHost(index, state, host, owner, output)) return false;
    }
    plain += RECORD_HEADER + length;
    at += RECORD_HEADER + readUint16(output, at + RECORD_HEADER - 2);
  }
  return true;
}

/** Static addresses alone: an additional record cannot say for whom it is meant (RFC 7871 7.2.1). */
function writeHost(
  index: ImageIndex,
  state: FastState,
  host: number,
  owner: number,
  output: Uint8Array,
): boolean {
  const { words } = index;
  const end = NameEntry.sets + 2 * (words[host + NameEntry.lengths]! >>> 16);
  for (let at = NameEntry.sets; at < end; at += 2) {
    const type = words[host + at]!;
    const set = words[host + at + 1]!;
    if (type !== RRType.A && type !== RRType.AAAA) continue;
    if (words[set + SetEntry.type]! >>> 16 !== SetKind.static) continue;
    if (!writeAddressesFast(index, state, output, set, owner)) return false;
    state.additionals += words[set + SetEntry.records]!;
  }
  return true;
}

/** Whether the name is the cut or stands below it. */
function isBelow({ words, octets }: ImageIndex, cut: number, name: Uint8Array, length: number): boolean {
  const lengths = words[cut + NameEntry.lengths]!;
  const tail = length - (lengths & 0xffff);
  let at = 0;
  while (at < tail) at += name[at]! + 1;
  if (at !== tail) return false;
  const start = (cut + NameEntry.sets + 2 * (lengths >>> 16)) * 4;
  for (let i = 0; i < length - tail; i += 1) if (name[tail + i] !== octets[start + i]) return false;
  return true;
}
