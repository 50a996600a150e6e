/** Where in RDATA the name stands that a client goes on to: behind preference, priority, weight and port. */
import { RRType } from '../constants.ts';

/** Undefined: records of this type lead to no name. */
export function targetStart(type: number): number | undefined {
  switch (type) {
    case RRType.CNAME:
    case RRType.DNAME:
    case RRType.NS:
      return 0;
    case RRType.MX:
    case RRType.SVCB:
    case RRType.HTTPS:
      return 2;
    case RRType.SRV:
      return 6;
    default:
      return undefined;
  }
}
