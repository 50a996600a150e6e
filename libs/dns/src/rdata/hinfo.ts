/** HINFO: processor and operating system (RFC 1035 3.3.2; RFC 8482 for ANY). */
import { characterString } from './parts.ts';
import { rdataOfParts } from './rdata-of-parts.ts';

export const hinfo = rdataOfParts('HINFO', [characterString('cpu'), characterString('os')]);
