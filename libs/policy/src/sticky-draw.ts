/**
 * The draw that sends a client to one of several weighted pools: the same for every type and every authority,
 * as long as the client's network stays the same.
 * Hot path: no allocation, no throw. Not keyed: who knows the hash gains nothing but his own choice of pool.
 */
import type { ClientView } from './match-client.ts';

/** Bits of the address that count: what resolvers send as ECS (RFC 7871 section 11.1). */
export const STICKY_IPV4_BITS = 24;
export const STICKY_IPV6_BITS = 56;

export function stickyBits(family: 4 | 6): number {
  return family === 4 ? STICKY_IPV4_BITS : STICKY_IPV6_BITS;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a of the owner name in canonical text; once per record set. */
export function stickySeed(ownerName: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < ownerName.length; i += 1) hash = Math.imul(hash ^ ownerName.charCodeAt(i), FNV_PRIME);
  return hash >>> 0;
}

/** Uniform in [0, 1) over prefixes and names. What is known beyond 24 (56) bits does not count. */
export function stickyDraw(seed: number, client: ClientView): number {
  const bits = Math.min(client.sourceLength, stickyBits(client.family));
  let hash = seed ^ client.family;
  for (let bit = 0; bit < stickyBits(client.family); bit += 8) {
    const missing = Math.max(0, Math.min(8, bit + 8 - bits));
    const octet = client.address[bit >>> 3]! & (0xff << missing) & 0xff;
    hash = Math.imul(hash ^ octet, FNV_PRIME);
  }
  return mix(hash) / 0x1_0000_0000;
}

/** The finalizer of MurmurHash3: FNV-1a alone leaves neighbouring prefixes next to each other. Unsigned 32 bits. */
export function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
