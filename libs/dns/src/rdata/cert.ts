/** CERT, OPENPGPKEY and DHCID: keys, certificates and identifiers in Base64 (RFC 4398, RFC 7929, RFC 4701). */
import { ALGORITHMS, CERTIFICATES } from './mnemonics.ts';
import { base64ToEnd, number } from './parts.ts';
import { rdataOfParts } from './rdata-of-parts.ts';

export const cert = rdataOfParts('CERT', [
  number('type', 2, CERTIFICATES),
  number('key-tag', 2),
  number('algorithm', 1, ALGORITHMS),
  base64ToEnd('certificate'),
]);
export const openpgpkey = rdataOfParts('OPENPGPKEY', [base64ToEnd('key')]);
export const dhcid = rdataOfParts('DHCID', [base64ToEnd('identifier')]);
