/**
 * What may stand together at one name, by types alone: the one place of these rules, for zone files and for records
 * that are configured otherwise. Must not know where the records come from.
 */
import { RRType } from '../constants.ts';

/** Types of which a name has one record (RFC 2181 10.1, RFC 6672 2.4). */
export const SINGLE_TYPES: readonly number[] = [RRType.CNAME, RRType.DNAME];

/** Whether records of the two types cannot both stand at one name: an alias has no other data (RFC 1034 3.6.2). */
export function excludeEachOther(a: number, b: number): boolean {
  if (a === b) return false;
  return (a === RRType.CNAME && !BESIDE_CNAME.has(b)) || (b === RRType.CNAME && !BESIDE_CNAME.has(a));
}

/** What DNSSEC puts beside an alias (RFC 4034 3 and 4, RFC 2535 for the older three). */
const BESIDE_CNAME: ReadonlySet<number> = new Set([
  RRType.RRSIG,
  RRType.NSEC,
  RRType.KEY,
  RRType.SIG,
  RRType.NXT,
]);
