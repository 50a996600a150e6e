/**
 * A referral: the NS records of the zone cut, without AA, and those addresses of the name servers that we hold.
 * Addresses below the cut itself cannot be found otherwise, so a referral that lacks one is truncated (RFC 9471).
 */
import { HeaderFlag, Rcode, RRClass, RRType } from '@signpost/dns/constants';
import { isSubdomain } from '@signpost/dns/wire-name';
import { Section } from '@signpost/dns/write-message';

import type { NameNode, NameView, StaticRRset } from '../replica/zone.ts';
import type { QueryContext } from '../serve/query-context.ts';
import { writeAddresses } from './write-addresses.ts';

/** The cut is the node found. AA stays as it is: a CNAME of ours in the answer section has set it. */
export function writeReferral(context: QueryContext): Rcode {
  const { writer } = context;
  const cut = context.found.node!;
  const servers = nameServers(cut);
  if (!writeServers(context, cut, servers) || !writeGlue(context, cut, servers, true)) {
    writer.addFlags(HeaderFlag.TC);
    return Rcode.NOERROR;
  }
  writeGlue(context, cut, servers, false); // a kindness, left out where there is no room
  return Rcode.NOERROR;
}

/** They are what makes it a cut. */
function nameServers({ rrsets }: NameNode): StaticRRset {
  let at = 0;
  while (rrsets[at]!.type !== RRType.NS) at += 1; // a function given to `find` would be made for each query
  return rrsets[at] as StaticRRset;
}

function writeServers({ writer, mark }: QueryContext, cut: NameNode, servers: StaticRRset): boolean {
  writer.mark(mark);
  for (const { rdata } of servers.records) {
    if (writer.writeRecord(Section.authority, cut.name, RRType.NS, RRClass.IN, servers.ttlSeconds, rdata)) {
      continue;
    }
    writer.rollback(mark);
    return false;
  }
  return true;
}

/**
 * Of the servers below the cut, or of the others; an RRset names no server twice. False: an RRset did not fit.
 */
function writeGlue(context: QueryContext, cut: NameNode, { records }: StaticRRset, below: boolean): boolean {
  for (let i = 0; i < records.length; i += 1) {
    const target = records[i]!.target!;
    if (isSubdomain(target.octets, cut.name, target.length) !== below) continue;
    const node = addressHolder(context, target);
    if (node !== undefined && !writeAddresses(context, node)) return false;
  }
  return true;
}

/** Glue lies below zone cuts, where ordinary answers do not look. */
function addressHolder({ zone }: QueryContext, target: NameView): NameNode | undefined {
  return zone!.names.find(target.octets, 0, target.length);
}
