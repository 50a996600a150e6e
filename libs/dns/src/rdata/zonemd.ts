/** ZONEMD: a digest over the whole zone (RFC 8976 2.2); it has at least 12 octets. */
import { digestLength } from './digest-length.ts';
import { hexToEnd, number } from './parts.ts';
import { rdataOfParts } from './rdata-of-parts.ts';

const fixedLength = digestLength(5, 6, { 1: 48, 2: 64 });

export const zonemd = rdataOfParts(
  'ZONEMD',
  [number('serial', 4), number('scheme', 1), number('hash-algorithm', 1), hexToEnd('digest')],
  (octets) =>
    octets.length < 18
      ? `a digest has at least 12 octets, this one ${octets.length - 6}; write it whole`
      : fixedLength(octets),
);
