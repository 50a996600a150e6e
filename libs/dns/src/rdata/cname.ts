/** CNAME: the name this one is an alias of (RFC 1035 3.3.1). */
import { singleName } from './single-name.ts';

export const cname = singleName('CNAME');
