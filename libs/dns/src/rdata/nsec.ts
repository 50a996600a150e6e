/** NSEC: the next name of the zone and the types at this one (RFC 4034 4). */
import { name } from './parts.ts';
import { rdataOfParts } from './rdata-of-parts.ts';
import { typeBitmap } from './type-bitmap.ts';

export const nsec = rdataOfParts('NSEC', [name('next'), typeBitmap(false)]);
