/** NS: a name server of the zone (RFC 1035 3.3.11). */
import { singleName } from './single-name.ts';

export const ns = singleName('NS');
