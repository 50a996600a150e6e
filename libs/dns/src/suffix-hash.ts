/**
 * Hash of a name from its end to its start, so that one walk over a name gives those of all names above it too.
 *
 *   3 w w w 7 e x a m p l e 3 c o m 0
 *   <---------------------------------   the hash at each label is that of the name that begins there
 *
 * FNV-1a with a final mix, since tables use its low bits. Not keyed: only names of our own zones go into tables, so a
 * client cannot make chains grow. Signed 32 bits, which V8 keeps as small integers. Allocates nothing.
 */
import type { HashedName } from './hashed-name.ts';
import { LOWER_CASE } from './wire-name.ts';

const FNV_PRIME = 0x01000193;
const ROOT_STATE = Math.imul(0x811c9dc5, FNV_PRIME);

/** Of the canonical octets from `start` up to `end`, the final zero included. */
export function suffixHash(octets: Uint8Array, start: number = 0, end: number = octets.length): number {
  let state = ROOT_STATE;
  for (let at = end - 2; at >= start; at -= 1) state = Math.imul(state ^ octets[at]!, FNV_PRIME);
  return finish(state);
}

/** Copies the name at `start`, whose length and labels `name` tells already, in lower case and with its hashes. */
export function copyAndHash(octets: Uint8Array, start: number, name: HashedName): void {
  const { octets: copy, length, labelOffsets, labelCount, hashes } = name;
  let state = ROOT_STATE;
  let at = length - 2;
  for (let end = length - 1; end < length || (end & 3) !== 0; end += 1) copy[end] = 0;
  hashes[labelCount] = finish(state);
  for (let label = labelCount - 1; label >= 0; label -= 1) {
    for (const first = labelOffsets[label]!; at >= first; at -= 1) {
      const octet = LOWER_CASE[octets[start + at]!]!; // lengths of labels are below all letters
      copy[at] = octet;
      state = Math.imul(state ^ octet, FNV_PRIME);
    }
    hashes[label] = finish(state);
  }
}

function finish(state: number): number {
  const mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}
