/**
 * Hashes of a client's prefix and an owner name: what sends a client to the same pool and target each time, on every
 * authority, as long as its network stays the same.
 * Hot path: no allocation, no throw. Not keyed: who knows the hash gains nothing but his own choice of target.
 */
import type { ClientView } from './match-client.ts';

/** Bits of the address that count for pools: what resolvers send as ECS (RFC 7871 section 11.1). */
export const STICKY_IPV4_BITS = 24;
export const STICKY_IPV6_BITS = 56;

export function stickyBits(family: 4 | 6): number {
  return family === 4 ? STICKY_IPV4_BITS : STICKY_IPV6_BITS;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * FNV-1a of a text: of the owner name in canonical form, once per record set, and of what is chosen from. 32 bits,
 * signed: V8 keeps larger numbers as objects and makes a new one each time such a number is handed on.
 */
export function stickySeed(text: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash | 0;
}

/** Of a part of a weighted choice: never that of a target, since who wins by one key would then win by the other too. */
export function choiceKey(key: string): number {
  return stickySeed(`choice ${key}`);
}

/** Of the leading `bits` of the client's address, as far as they are known. 32 bits, signed. */
export function stickyHash(seed: number, client: ClientView, bits: number): number {
  const known = Math.min(client.sourceLength, bits);
  let hash = seed ^ client.family;
  for (let bit = 0; bit < bits; bit += 8) {
    const missing = Math.max(0, Math.min(8, bit + 8 - known));
    const octet = client.address[bit >>> 3]! & (0xff << missing) & 0xff;
    hash = Math.imul(hash ^ octet, FNV_PRIME);
  }
  return mix(hash) | 0;
}

/** Uniform in (0, 1), independent for each key; `hash` by `stickyHash`. */
export function stickyDraw(hash: number, key: number): number {
  return (mix(hash ^ key) + 0.5) / 0x1_0000_0000;
}

/**
 * What weighted rendezvous hashing compares: the least of all keys wins, by a share that is its weight's. Whoever
 * goes leaves the order of the others as it was, so only its own clients move (Schindelhauer and Schomaker, 2005).
 */
export function rendezvousRank(hash: number, key: number, weight: number): number {
  return rankOf(stickyDraw(hash, key), weight);
}

export function rankOf(draw: number, weight: number): number {
  return -Math.log(draw) / weight;
}

/** Never more than the rank, and without a logarithm: whoever loses by this need not be asked further. */
export function leastRankOf(draw: number, weight: number): number {
  return (1 - draw) / weight;
}

/** Makes the hash that decides who is kept another one than that of the order. */
const KEEP_SALT = 0x5bd1e995;

/** Whether a target that keeps a share of its clients, 0 to 1, keeps this one; `hash` and `key` as for its rank. */
export function isKept(hash: number, key: number, keep: number): boolean {
  return keep >= 1 || stickyDraw(hash ^ KEEP_SALT, key) < keep;
}

/** The finalizer of MurmurHash3: FNV-1a alone leaves neighbouring prefixes next to each other. Unsigned 32 bits. */
export function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
