/**
 * The plain twin of `half-siphash.ts`, for tests alone: HalfSipHash with 64 bits of output as its reference implementation
 * says it (github.com/veorq/SipHash, halfsiphash.c), of any octets and with any numbers of rounds.
 */
export interface Rounds {
  readonly perWord: number;
  readonly atEnd: number;
}

type State = [v0: number, v1: number, v2: number, v3: number];

/** Eight octets. `key` has eight, too. */
export function halfSipHashPlainly(key: Uint8Array, octets: Uint8Array, rounds: Rounds): Buffer {
  const [k0 = 0, k1 = 0] = wordsOf(key);
  const v: State = [k0, k1 ^ 0xee, k0 ^ 0x6c796765, k1 ^ 0x74656462];
  const padded = new Uint8Array(octets.length - (octets.length % 4) + 4);
  padded.set(octets);
  padded[padded.length - 1] = octets.length;
  for (const word of wordsOf(padded)) {
    v[3] ^= word;
    mix(v, rounds.perWord);
    v[0] ^= word;
  }
  v[2] ^= 0xee;
  mix(v, rounds.atEnd);
  const low = v[1] ^ v[3];
  v[1] ^= 0xdd;
  mix(v, rounds.atEnd);
  const hash = Buffer.alloc(8);
  hash.writeInt32LE(low, 0);
  hash.writeInt32LE(v[1] ^ v[3], 4);
  return hash;
}

function mix(v: State, rounds: number): void {
  for (let round = 0; round < rounds; round += 1) {
    v[0] = (v[0] + v[1]) | 0;
    v[1] = rotated(v[1], 5) ^ v[0];
    v[0] = rotated(v[0], 16);
    v[2] = (v[2] + v[3]) | 0;
    v[3] = rotated(v[3], 8) ^ v[2];
    v[0] = (v[0] + v[3]) | 0;
    v[3] = rotated(v[3], 7) ^ v[0];
    v[2] = (v[2] + v[1]) | 0;
    v[1] = rotated(v[1], 13) ^ v[2];
    v[2] = rotated(v[2], 16);
  }
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function wordsOf(octets: Uint8Array): number[] {
  const view = new DataView(octets.buffer, octets.byteOffset);
  return Array.from({ length: octets.length / 4 }, (_, at) => view.getInt32(4 * at, true));
}
