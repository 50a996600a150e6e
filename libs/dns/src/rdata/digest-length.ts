/**
 * Holds a digest to the length that its type number fixes. A record with another
 * length can never match, so it is a mistake of whoever wrote it.
 */
import type { RdataCheck } from './rdata-of-parts.ts';

/** `lengths` by the number in octet `typeAt`; the digest begins at `from`. Types not listed are not held. */
export function digestLength(
  typeAt: number,
  from: number,
  lengths: Readonly<Record<number, number>>,
): RdataCheck {
  return (octets) => {
    const type = octets[typeAt]!;
    const expected = lengths[type];
    const found = octets.length - from;
    if (expected === undefined || expected === found) return undefined;
    return `a digest of type ${type} has ${expected} octets, this one ${found}; write it whole`;
  };
}
