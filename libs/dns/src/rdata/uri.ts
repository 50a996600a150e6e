/** URI: a service's address in full (RFC 7553). */
import { number, textToEnd } from './parts.ts';
import { rdataOfParts } from './rdata-of-parts.ts';

export const uri = rdataOfParts('URI', [number('priority', 2), number('weight', 2), textToEnd('target')]);
