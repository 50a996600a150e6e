/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a hash of short input under a secret key, which nobody without the key
 * can predict or steer. In 32-bit halves, since BigInt would allocate for every step.
 *
 * One object for each key, reused: hashing allocates nothing. Not for secrets that must last, nor for long input.
 */

const SIPHASH_KEY_LENGTH = 16;

/** "somepseudorandomlygeneratedbytes", as four words of 64 bits, the low half of each first. */
const INITIAL = [
  0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462,
] as const;

export class SipHash {
  /** Of the last hash: its low and high half. On the wire the low one comes first, each in little-endian order. */
  low = 0;
  high = 0;
  readonly #key: Int32Array;

  /** @param key the 16 octets of a secret */
  constructor(key: Uint8Array) {
    if (key.length !== SIPHASH_KEY_LENGTH) throw new RangeError('a SipHash key has 16 octets');
    this.#key = Int32Array.from([0, 4, 8, 12], (at) => readWord(key, at, SIPHASH_KEY_LENGTH));
  }

  /**
   * Hashes the first `length` octets; the result stands in `low` and `high`.
   *
   * Long on purpose: with v0 to v3 of the paper as local halves (a to d) it takes half the time that it takes with
   * them in an array, and each query with a cookie waits for it.
   */
  hash(octets: Uint8Array, length: number): void {
    const key = this.#key;
    let aLow = INITIAL[0] ^ key[0]!;
    let aHigh = INITIAL[1] ^ key[1]!;
    let bLow = INITIAL[2] ^ key[2]!;
    let bHigh = INITIAL[3] ^ key[3]!;
    let cLow = INITIAL[4] ^ key[0]!;
    let cHigh = INITIAL[5] ^ key[1]!;
    let dLow = INITIAL[6] ^ key[2]!;
    let dHigh = INITIAL[7] ^ key[3]!;
    const last = length & ~7;
    // Words of the message, the last one with the length on top; then a round more for the end, without a word.
    for (let at = 0; at <= last + 8; at += 8) {
      const isEnd = at > last;
      const wordLow = isEnd ? 0 : readWord(octets, at, length);
      const wordHigh = isEnd ? 0 : readWord(octets, at + 4, length) | (at === last ? length << 24 : 0);
      if (isEnd) cLow ^= 0xff;
      dLow ^= wordLow;
      dHigh ^= wordHigh;
      let before: number;
      for (let round = isEnd ? 4 : 2; round > 0; round -= 1) {
        // a += b, b = rotated by 13 ^ a
        aLow = (aLow + bLow) | 0;
        aHigh = (aHigh + bHigh + carry(aLow, bLow)) | 0;
        before = bLow;
        bLow = ((bLow << 13) | (bHigh >>> 19)) ^ aLow;
        bHigh = ((bHigh << 13) | (before >>> 19)) ^ aHigh;
        // c += d, d = rotated by 16 ^ c
        cLow = (cLow + dLow) | 0;
        cHigh = (cHigh + dHigh + carry(cLow, dLow)) | 0;
        before = dLow;
        dLow = ((dLow << 16) | (dHigh >>> 16)) ^ cLow;
        dHigh = ((dHigh << 16) | (before >>> 16)) ^ cHigh;
        // a rotated by 32, a += d, d = rotated by 21 ^ a
        before = aLow;
        aLow = (aHigh + dLow) | 0;
        aHigh = (before + dHigh + carry(aLow, dLow)) | 0;
        before = dLow;
        dLow = ((dLow << 21) | (dHigh >>> 11)) ^ aLow;
        dHigh = ((dHigh << 21) | (before >>> 11)) ^ aHigh;
        // c += b, b = rotated by 17 ^ c, c rotated by 32
        cLow = (cLow + bLow) | 0;
        cHigh = (cHigh + bHigh + carry(cLow, bLow)) | 0;
        before = bLow;
        bLow = ((bLow << 17) | (bHigh >>> 15)) ^ cLow;
        bHigh = ((bHigh << 17) | (before >>> 15)) ^ cHigh;
        before = cLow;
        cLow = cHigh;
        cHigh = before;
      }
      aLow ^= wordLow;
      aHigh ^= wordHigh;
    }
    this.low = aLow ^ bLow ^ cLow ^ dLow;
    this.high = aHigh ^ bHigh ^ cHigh ^ dHigh;
  }
}

/** 1 when adding `part` made the low half `sum` run over. */
function carry(sum: number, part: number): number {
  return sum >>> 0 < part >>> 0 ? 1 : 0;
}

/** Little-endian; octets from `end` on count as 0. */
function readWord(octets: Uint8Array, at: number, end: number): number {
  if (at + 4 <= end) {
    return octets[at]! | (octets[at + 1]! << 8) | (octets[at + 2]! << 16) | (octets[at + 3]! << 24);
  }
  let word = 0;
  for (let i = end - at - 1; i >= 0; i -= 1) word = (word << 8) | octets[at + i]!;
  return word;
}
