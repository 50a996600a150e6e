/** TLSA and SMIMEA: which certificate to expect (RFC 6698 2, RFC 8162). */
import { hexToEnd, number } from './parts.ts';
import { rdataOfParts } from './rdata-of-parts.ts';

const PARTS = [number('usage', 1), number('selector', 1), number('matching-type', 1), hexToEnd('data')];

export const tlsa = rdataOfParts('TLSA', PARTS);
export const smimea = rdataOfParts('SMIMEA', PARTS);
