/**
 * The additional section: addresses of the hosts that MX, NS and SRV records point at, as far as the zone itself
 * holds them (RFC 1035 3.3, RFC 2782). A kindness that is left out without TC when there is no room (RFC 2181 9).
 *
 * Steered addresses are not put here: an additional record cannot say for whom it is meant (RFC 7871 7.2.1).
 */
import { Rcode, RRClass, RRType } from '@signpost/dns/constants';
import { isSubdomain } from '@signpost/dns/wire-name';
import { Section } from '@signpost/dns/write-message';

import { findName, FoundKind } from '../find/find-name.ts';
import { sameName, type NameNode, type NameView, type ReadyRecord } from '../replica/zone.ts';
import type { QueryContext } from '../serve/query-context.ts';

/** Records whose hosts' addresses are looked for; no sensible RRset has more. */
export const MOST_TARGETS = 32;

/** For the records just written to the answer section. */
export function writeAdditional(context: QueryContext): Rcode {
  const { type, records } = context.choice;
  if (type !== RRType.MX && type !== RRType.SRV && type !== RRType.NS) return Rcode.NOERROR;
  const count = Math.min(records.length, MOST_TARGETS);
  for (let i = 0; i < count; i += 1) {
    if (isRepeated(records, i)) continue;
    const target = records[i]!.target!;
    const node = hostInZone(context, target);
    if (node !== undefined && !writeAddresses(context, node, target.octets)) break;
  }
  return Rcode.NOERROR;
}

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

/** Two records may name one host; its addresses are written once. */
export function isRepeated(records: readonly ReadyRecord[], index: number): boolean {
  const target = records[index]!.target!;
  for (let i = 0; i < index; i += 1) if (sameName(records[i]!.target!, target)) return true;
  return false;
}

function hostInZone(context: QueryContext, target: NameView): NameNode | undefined {
  const { zone, found } = context;
  if (!isSubdomain(target.octets, zone!.name, target.length)) return undefined;
  findName(zone!, target, RRType.A, found);
  return found.kind === FoundKind.exact || found.kind === FoundKind.wildcard ? found.node : undefined;
}
