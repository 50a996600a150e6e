/** DS, CDS, DLV (RFC 4431) and TA: the digest of a zone's key (RFC 4034 5, RFC 7344); CDS `0 0 0 00` asks for removal (RFC 8078 4). */
import { digestLength } from './digest-length.ts';
import { ALGORITHMS, DIGESTS } from './mnemonics.ts';
import { hexToEnd, number } from './parts.ts';
import { rdataOfParts } from './rdata-of-parts.ts';

const PARTS = [
  number('key-tag', 2),
  number('algorithm', 1, ALGORITHMS),
  number('digest-type', 1, DIGESTS),
  hexToEnd('digest'),
];
const CHECK = digestLength(3, 4, { 1: 20, 2: 32, 3: 32, 4: 48 });

export const ds = rdataOfParts('DS', PARTS, CHECK);
export const cds = rdataOfParts('CDS', PARTS, CHECK);
export const dlv = rdataOfParts('DLV', PARTS, CHECK);
export const ta = rdataOfParts('TA', PARTS, CHECK);
