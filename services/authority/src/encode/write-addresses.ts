/**
 * Addresses for the additional section: where a host's records are, and writing them. Which hosts, the callers know.
 *
 * Steered addresses are not put here: an additional record cannot say for whom it is meant (RFC 7871 7.2.1).
 */
import { RRClass, RRType } from '@signpost/dns/constants';
import { isSubdomain } from '@signpost/dns/wire-name';
import { Section } from '@signpost/dns/write-message';

import { findName, FoundKind } from '../find/find-name.ts';
import type { NameNode, NameView } from '../replica/zone.ts';
import type { QueryContext } from '../serve/query-context.ts';

/** Records of an answer whose hosts' addresses are looked for; no sensible RRset has more. */
export const MOST_TARGETS = 32;

/**
 * Static A and AAAA records of `node`, owned by `owner` where a wildcard stands in for it. False when an RRset did
 * not fit, which then is left out whole.
 */
export function writeAddresses(
  context: QueryContext,
  node: NameNode,
  owner: Uint8Array = node.name,
): boolean {
  for (let i = 0; i < node.rrsets.length; i += 1) {
    const rrset = node.rrsets[i]!;
    if (rrset.kind !== 'static' || (rrset.type !== RRType.A && rrset.type !== RRType.AAAA)) continue;
    context.writer.mark(context.mark);
    for (const { rdata } of rrset.records) {
      const { type, ttlSeconds } = rrset;
      if (context.writer.writeRecord(Section.additional, owner, type, RRClass.IN, ttlSeconds, rdata))
        continue;
      context.writer.rollback(context.mark);
      return false;
    }
  }
  return true;
}

/** The node that answers for `target` in the zone at hand, a wildcard's too. */
export function hostInZone(context: QueryContext, target: NameView): NameNode | undefined {
  const { zone, found } = context;
  if (!isSubdomain(target.octets, zone!.name, target.length)) return undefined;
  findName(zone!, target, RRType.A, found);
  return found.kind === FoundKind.exact || found.kind === FoundKind.wildcard ? found.node : undefined;
}
