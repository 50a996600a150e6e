/** DNAME: where the whole subtree below this name is found (RFC 6672). */
import { singleName } from './single-name.ts';

export const dname = singleName('DNAME');
