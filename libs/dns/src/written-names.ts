/**
 * Name compression (RFC 1035 4.1.4): remembers which names stand where in the
 * message being written. Finds, never writes; allocates nothing after it is made.
 *
 *   entry   offset of a label   octets of the name from there, uncompressed
 *     0            12                       17      www.example.com
 *     1            16                       13      example.com
 *
 * Lengths are compared first, so that a look-up rarely reads the message.
 */
import { LOWER_CASE } from './wire-name.ts';

/** Enough for a large referral; in longer messages later names simply go uncompressed. */
const CAPACITY = 192;
/** Pointers have 14 bits. */
const FARTHEST = 0x3fff;
const POINTER = 0xc0;

export class WrittenNames {
  /** Entries above this are forgotten; lowering it undoes. */
  count = 0;
  readonly #offsets = new Uint16Array(CAPACITY);
  readonly #lengths = new Uint8Array(CAPACITY);

  /** A name of `length` octets begins `offset` octets into the message. */
  remember(offset: number, length: number): void {
    if (this.count === CAPACITY || offset > FARTHEST) return;
    this.#offsets[this.count] = offset;
    this.#lengths[this.count] = length;
    this.count += 1;
  }

  /** The offset of a name equal to `name` from `at`, `length` octets long, or -1. Letters match in either case. */
  find(message: Uint8Array, messageStart: number, name: Uint8Array, at: number, length: number): number {
    for (let i = 0; i < this.count; i += 1) {
      if (this.#lengths[i] !== length) continue;
      const offset = this.#offsets[i]!;
      if (standsAt(message, messageStart, offset, name, at)) return offset;
    }
    return -1;
  }
}

/** Follows our own pointers, which lead backward, so it ends. */
function standsAt(
  message: Uint8Array,
  messageStart: number,
  offset: number,
  name: Uint8Array,
  start: number,
): boolean {
  let at = messageStart + offset;
  let nameAt = start;
  for (;;) {
    const size = message[at]!;
    if (size >= POINTER) {
      at = messageStart + (((size & 0x3f) << 8) | message[at + 1]!);
      continue;
    }
    if (size !== name[nameAt]) return false;
    if (size === 0) return true;
    for (let i = 1; i <= size; i += 1) {
      if (LOWER_CASE[message[at + i]!] !== LOWER_CASE[name[nameAt + i]!]) return false;
    }
    at += size + 1;
    nameAt += size + 1;
  }
}
