/**
 * HalfSipHash-1-3 with 64 bits of output (reference implementation of Aumasson and Bernstein, 2016), of 16 octets: SipHash
 * in words of 32 bits, which JavaScript has, for tables of this process in whose slots nobody outside must be able to
 * aim. Linux takes it for its tables where words are as short. A third of the time that SipHash-2-4 takes.
 *
 * One object for each key, reused: hashing allocates nothing. Not for what others see, as cookies: the key is short.
 */

export const HALF_SIPHASH_KEY_LENGTH = 8;

/** The end of "somepseudorandomlygeneratedbytes", as SipHash has it. */
const THIRD = 0x6c796765;
const FOURTH = 0x74656462;
const WORDS = 4;
const LENGTH_WORD = (WORDS * 4) << 24;
/** The four words and their length one round each, then three for each half of the output. */
const LOW_AT = WORDS + 1 + 3;
const HIGH_AT = LOW_AT + 3;

export class HalfSipHash {
  /** Of the last hash: its low and high half, signed. */
  low = 0;
  high = 0;
  /** Numbers from the start: of a field that begins as undefined V8 does not know that it is one, which doubles the time. */
  readonly #first: number = 0;
  readonly #second: number = 0;

  /** @param key the 8 octets of a secret */
  constructor(key: Uint8Array) {
    if (key.length !== HALF_SIPHASH_KEY_LENGTH) throw new RangeError('a HalfSipHash key has 8 octets');
    const view = new DataView(key.buffer, key.byteOffset);
    this.#first = view.getInt32(0, true);
    this.#second = view.getInt32(4, true);
  }

  /**
   * Hashes four words, each for four octets in little-endian order; the result stands in `low` and `high`. With v0 to
   * v3 of the reference as a to d.
   */
  hash(words: Int32Array): void {
    let a = this.#first;
    let b = this.#second ^ 0xee;
    let c = this.#first ^ THIRD;
    let d = this.#second ^ FOURTH;
    for (let round = 0; round < HIGH_AT; round += 1) {
      if (round === WORDS + 1) c ^= 0xee;
      if (round === LOW_AT) {
        this.low = b ^ d;
        b ^= 0xdd;
      }
      const word = round < WORDS ? words[round]! : round === WORDS ? LENGTH_WORD : 0;
      d ^= word;
      // a += b, b = rotated by 5 ^ a, a rotated by 16
      a = (a + b) | 0;
      b = ((b << 5) | (b >>> 27)) ^ a;
      a = (a << 16) | (a >>> 16);
      // c += d, d = rotated by 8 ^ c
      c = (c + d) | 0;
      d = ((d << 8) | (d >>> 24)) ^ c;
      // a += d, d = rotated by 7 ^ a
      a = (a + d) | 0;
      d = ((d << 7) | (d >>> 25)) ^ a;
      // c += b, b = rotated by 13 ^ c, c rotated by 16
      c = (c + b) | 0;
      b = ((b << 13) | (b >>> 19)) ^ c;
      c = (c << 16) | (c >>> 16);
      a ^= word;
    }
    this.high = b ^ d;
  }
}
