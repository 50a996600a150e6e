/**
 * Names that lead to one target as long as it serves, and that nobody can guess: `<target>-<code>.<owner>`, where the
 * code is signed. With two secrets there are two names for each target, so that one can be exchanged for the other.
 */
import { createHmac } from 'node:crypto';

/** (zone, owner, target), the names in canonical text -> owner names; that of the first secret first. */
export type AffinityNames = (zone: string, owner: string, target: string) => readonly string[];

/** 40 bits: to try names takes as many queries as half of 2^40. */
const CODE_LENGTH = 8;
const MOST_KNOWN = 100_000;

/** Undefined without a secret. Remembers what it made, since all names are asked for at each publication. */
export function affinityNames(secrets: readonly string[]): AffinityNames | undefined {
  if (secrets.length === 0) return undefined;
  const known = new Map<string, readonly string[]>();
  return (zone, owner, target) => {
    const signed = `${zone}|${owner}|${target}`;
    const found = known.get(signed);
    if (found !== undefined) return found;
    const labels = new Set(secrets.map((secret) => `${target}-${codeOf(secret, signed)}`));
    const names = [...labels].map((label) => (owner === '.' ? label : `${label}.${owner}`));
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(signed, names);
    return names;
  };
}

export function codeOf(secret: string, signed: string): string {
  return base32(createHmac('sha256', secret).update(signed).digest()).slice(0, CODE_LENGTH);
}

/** RFC 4648 section 6, in lower case. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

function base32(octets: Uint8Array): string {
  let text = '';
  let value = 0;
  let bits = 0;
  for (const octet of octets) {
    value = (value << 8) | octet;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(value >>> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  return text;
}
