/**
 * Steps over a name in a message without reading it, but checks that it is one.
 * Allocates nothing and never throws.
 */
import { HEADER_LENGTH, MAX_LABEL_LENGTH, MAX_NAME_LENGTH } from './constants.ts';

/**
 * One past the possibly compressed name at `start`, or -1 if it is malformed within `length`.
 *
 * Pointers are followed only to be judged: each must lead to before the run of labels it ends,
 * so that no chain can loop, though not into the header, where no name can stand, and the whole name must fit in 255 octets (RFC 1035 4.1.4, RFC 9267).
 */
export function skipName(octets: Uint8Array, start: number, length: number): number {
  let end = -1;
  let runStart = start;
  let at = start;
  let nameLength = 1; // the final zero
  for (;;) {
    if (at >= length) return -1;
    const size = octets[at]!;
    if (size === 0) return end < 0 ? at + 1 : end;
    if (size <= MAX_LABEL_LENGTH) {
      nameLength += size + 1;
      at += size + 1;
      if (nameLength > MAX_NAME_LENGTH) return -1;
    } else {
      if (size < 0xc0 || at + 1 >= length) return -1;
      if (end < 0) end = at + 2;
      at = ((size & 0x3f) << 8) | octets[at + 1]!;
      if (at >= runStart || at < HEADER_LENGTH) return -1;
      runStart = at;
    }
  }
}
