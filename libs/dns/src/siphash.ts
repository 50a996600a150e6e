/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a hash of short input under a secret key, which nobody without the key
 * can predict or steer. In 32-bit halves, since BigInt would allocate for every step.
 *
 * One object for each key, reused: hashing allocates nothing. Not for secrets that must last, nor for long input.
 */

export const SIPHASH_KEY_LENGTH = 16;

/** "somepseudorandomlygeneratedbytes", as four words of 64 bits, the low half of each first. */
const INITIAL = [
  0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462,
] as const;

export class SipHash {
  /** Of the last hash: its low and high half. On the wire the low one comes first, each in little-endian order. */
  low = 0;
  high = 0;
  readonly #key: Int32Array;
  readonly #state = new Int32Array(8);

  /** @param key the 16 octets of a secret */
  constructor(key: Uint8Array) {
    if (key.length !== SIPHASH_KEY_LENGTH) throw new RangeError('a SipHash key has 16 octets');
    this.#key = Int32Array.from([0, 4, 8, 12], (at) => readWord(key, at, SIPHASH_KEY_LENGTH));
  }

  /** Hashes the first `length` octets; the result stands in `low` and `high`. */
  hash(octets: Uint8Array, length: number): void {
    const state = this.#state;
    for (let i = 0; i < 8; i += 1) state[i] = INITIAL[i]! ^ this.#key[i & 3]!;
    const whole = length & ~7;
    for (let at = 0; at < whole; at += 8) {
      absorb(state, readWord(octets, at, length), readWord(octets, at + 4, length));
    }
    // What is left, and the length in the topmost octet.
    absorb(
      state,
      readWord(octets, whole, length),
      readWord(octets, whole + 4, length) | ((length & 0xff) << 24),
    );
    state[4]! ^= 0xff;
    for (let i = 0; i < 4; i += 1) round(state);
    this.low = state[0]! ^ state[2]! ^ state[4]! ^ state[6]!;
    this.high = state[1]! ^ state[3]! ^ state[5]! ^ state[7]!;
  }
}

/** Little-endian; octets from `end` on count as 0. */
function readWord(octets: Uint8Array, at: number, end: number): number {
  let word = 0;
  for (let i = Math.min(4, end - at) - 1; i >= 0; i -= 1) word = (word << 8) | octets[at + i]!;
  return word;
}

function absorb(state: Int32Array, low: number, high: number): void {
  state[6]! ^= low;
  state[7]! ^= high;
  round(state);
  round(state);
  state[0]! ^= low;
  state[1]! ^= high;
}

/** SipRound of the paper's figure 2.1: v0 stands in words 0 and 1, v1 in 2 and 3, and so on. */
function round(state: Int32Array): void {
  mix(state, 0, 2, 13);
  mix(state, 4, 6, 16);
  swapHalves(state, 0);
  mix(state, 0, 6, 21);
  mix(state, 4, 2, 17);
  swapHalves(state, 4);
}

/** a += b, b = (b rotated left by `bits`) ^ a, with 64 bits each and fewer than 32 to rotate by. */
function mix(state: Int32Array, a: number, b: number, bits: number): void {
  const bLow = state[b]!;
  const bHigh = state[b + 1]!;
  const low = (state[a]! + bLow) | 0;
  const carry = low >>> 0 < bLow >>> 0 ? 1 : 0;
  const high = (state[a + 1]! + bHigh + carry) | 0;
  state[a] = low;
  state[a + 1] = high;
  state[b] = ((bLow << bits) | (bHigh >>> (32 - bits))) ^ low;
  state[b + 1] = ((bHigh << bits) | (bLow >>> (32 - bits))) ^ high;
}

/** A rotation by 32 bits. */
function swapHalves(state: Int32Array, at: number): void {
  const low = state[at]!;
  state[at] = state[at + 1]!;
  state[at + 1] = low;
}
