/** PTR: the name that an address belongs to (RFC 1035 3.3.12). */
import { singleName } from './single-name.ts';

export const ptr = singleName('PTR');
