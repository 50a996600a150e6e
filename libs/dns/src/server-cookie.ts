/**
 * DNS cookies as a server speaks them (RFC 7873, RFC 9018): makes the server cookie that a client shall show from now
 * on, and says whether the one it shows is ours. Clock and secrets are arguments; allocates nothing, never throws.
 *
 *   0               8         9          12           16     24
 *   | client cookie | version | reserved | timestamp  | hash |   hash: SipHash-2-4 of all before it and the address
 *
 * All servers of one address (anycast, a cluster) must have the same secrets, or none would know the others' cookies.
 */
import { SipHash } from './siphash.ts';
import { readUint32, writeUint32 } from './uint16.ts';

/** A client cookie and a server cookie of ours. */
export const COOKIE_LENGTH = 24;
export const COOKIE_SECRET_LENGTH = 16;

const CLIENT_COOKIE_LENGTH = 8;
const VERSION_AT = 8;
const TIMESTAMP_AT = 12;
const HASH_AT = 16;
const VERSION = 1;

/** How old a cookie may be, how far ahead of our clock, and when it is time for another one (RFC 9018 4.3). */
const OLDEST_SECONDS = 3_600;
const MOST_AHEAD_SECONDS = 300;
const REFRESH_AFTER_SECONDS = 1_800;

export class ServerCookies {
  /** What the response carries: client cookie and server cookie, valid after `answer` until it is called again. */
  readonly response = new Uint8Array(COOKIE_LENGTH);
  /** The first makes cookies, all verify them. */
  readonly #hashes: readonly SipHash[];
  /** What is hashed: the cookie up to its hash, then 4 or 16 octets of address. */
  readonly #input = new Uint8Array(HASH_AT + 16);

  /** @param secrets at least one, of 16 octets each: the first makes cookies, all verify them */
  constructor(secrets: readonly Uint8Array[]) {
    if (secrets.length === 0) throw new RangeError('cookies need a secret');
    this.#hashes = secrets.map((secret) => new SipHash(secret));
  }

  /**
   * Sets `response` for the COOKIE option of `length` octets at `offset` of `packet`, 8 or 16 to 40 of them.
   *
   * @param source 4 or 16 octets: where the query came from
   * @param nowSeconds since 1970
   * @returns true when the client showed a server cookie of ours that was made for its address: it truly is there
   */
  answer(
    packet: Uint8Array,
    offset: number,
    length: number,
    source: Uint8Array,
    nowSeconds: number,
  ): boolean {
    const secret = length === COOKIE_LENGTH ? this.#verify(packet, offset, source, nowSeconds) : -1;
    const isValid = secret >= 0;
    const isFresh = secret === 0 && ageOf(packet, offset, nowSeconds) <= REFRESH_AFTER_SECONDS;
    const kept = isFresh ? COOKIE_LENGTH : CLIENT_COOKIE_LENGTH;
    for (let i = 0; i < kept; i += 1) this.response[i] = packet[offset + i]!;
    if (!isFresh) this.#make(source, nowSeconds);
    return isValid;
  }

  /** Behind the client cookie in `response`. */
  #make(source: Uint8Array, nowSeconds: number): void {
    const { response } = this;
    writeUint32(response, VERSION_AT, VERSION * 0x1000000);
    writeUint32(response, TIMESTAMP_AT, nowSeconds);
    const hash = this.#hashes[0]!;
    hash.hash(this.#input, this.#prepare(response, 0, source));
    for (let i = 0; i < 4; i += 1) {
      response[HASH_AT + i] = hash.low >>> (8 * i);
      response[HASH_AT + 4 + i] = hash.high >>> (8 * i);
    }
  }

  /** Which secret made the cookie; -1: none, or not lately. */
  #verify(packet: Uint8Array, offset: number, source: Uint8Array, nowSeconds: number): number {
    if (packet[offset + VERSION_AT] !== VERSION) return -1;
    const ageSeconds = ageOf(packet, offset, nowSeconds);
    if (ageSeconds > OLDEST_SECONDS || ageSeconds < -MOST_AHEAD_SECONDS) return -1;
    const length = this.#prepare(packet, offset, source);
    for (let i = 0; i < this.#hashes.length; i += 1) {
      const hash = this.#hashes[i]!;
      hash.hash(this.#input, length);
      const at = offset + HASH_AT;
      if (readLittle32(packet, at) === hash.low && readLittle32(packet, at + 4) === hash.high) return i;
    }
    return -1;
  }

  /** How many octets of `#input` to hash. */
  #prepare(cookie: Uint8Array, offset: number, source: Uint8Array): number {
    for (let i = 0; i < HASH_AT; i += 1) this.#input[i] = cookie[offset + i]!;
    for (let i = 0; i < source.length; i += 1) this.#input[HASH_AT + i] = source[i]!;
    return HASH_AT + source.length;
  }
}

/** By serial number arithmetic (RFC 1982): negative when the cookie was made in our future. */
function ageOf(packet: Uint8Array, offset: number, nowSeconds: number): number {
  return (nowSeconds - readUint32(packet, offset + TIMESTAMP_AT)) | 0;
}

/** Signed, as the halves of a hash are. */
function readLittle32(octets: Uint8Array, at: number): number {
  return octets[at]! | (octets[at + 1]! << 8) | (octets[at + 2]! << 16) | (octets[at + 3]! << 24);
}
