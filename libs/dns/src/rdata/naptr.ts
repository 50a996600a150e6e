/** NAPTR: a rule that rewrites a name (RFC 3403 4.1). */
import { characterString, name, number } from './parts.ts';
import { rdataOfParts } from './rdata-of-parts.ts';

export const naptr = rdataOfParts('NAPTR', [
  number('order', 2),
  number('preference', 2),
  characterString('flags'),
  characterString('services'),
  characterString('regexp'),
  name('replacement'),
]);
