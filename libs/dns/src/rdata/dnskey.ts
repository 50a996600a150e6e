/** DNSKEY, CDNSKEY, KEY and RKEY: a public key (RFC 4034 2, RFC 7344 3.2, RFC 2535 3, draft-reid-dnsext-rkey). */
import { ALGORITHMS } from './mnemonics.ts';
import { base64ToEnd, number } from './parts.ts';
import { rdataOfParts } from './rdata-of-parts.ts';

const PARTS = [
  number('flags', 2),
  number('protocol', 1),
  number('algorithm', 1, ALGORITHMS),
  base64ToEnd('key'),
];

export const dnskey = rdataOfParts('DNSKEY', PARTS);
export const cdnskey = rdataOfParts('CDNSKEY', PARTS);
export const key = rdataOfParts('KEY', PARTS);
export const rkey = rdataOfParts('RKEY', PARTS);
