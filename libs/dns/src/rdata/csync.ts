/** CSYNC: which of a child's records its parent shall take over (RFC 7477 2.1). */
import { number } from './parts.ts';
import { rdataOfParts } from './rdata-of-parts.ts';
import { typeBitmap } from './type-bitmap.ts';

export const csync = rdataOfParts('CSYNC', [number('serial', 4), number('flags', 2), typeBitmap(true)]);
