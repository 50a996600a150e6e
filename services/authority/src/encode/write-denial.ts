/**
 * NXDOMAIN and NODATA: the zone's SOA in the authority section, whose TTL says how long the denial may be
 * remembered (RFC 2308 section 3).
 */
import { HeaderFlag, type Rcode, RRClass, RRType } from '@signpost/dns/constants';
import { Section } from '@signpost/dns/write-message';

import type { QueryContext } from '../serve/query-context.ts';

/**
 * Returns `rcode`. `longestTtlSeconds` is the TTL of a steered RRset that has nothing for this client: that is how
 * soon things may be better.
 */
export function writeDenial(context: QueryContext, rcode: Rcode, longestTtlSeconds: number): Rcode {
  const { writer, zone } = context;
  const { name, soa } = zone!;
  const ttlSeconds = Math.min(soa.negativeTtlSeconds, longestTtlSeconds);
  const { rdata } = soa.records[0];
  writer.addFlags(HeaderFlag.AA);
  // Without the SOA nobody could cache the denial, so it counts as data that did not fit.
  if (!writer.writeRecord(Section.authority, name, RRType.SOA, RRClass.IN, ttlSeconds, rdata)) {
    writer.addFlags(HeaderFlag.TC);
  }
  return rcode;
}
