/**
 * The additional section of an SVCB or HTTPS answer (RFC 9460 4.1): in AliasMode the records of the same type at the
 * target, from alias to alias, and in ServiceMode the addresses of each target. As far as the zone itself holds them,
 * and as far as there is room; steered addresses are left to a question of their own.
 */
import { Rcode, RRClass } from '@signpost/dns/constants';
import { Section } from '@signpost/dns/write-message';

import {
  type NameNode,
  type NameView,
  type ReadyRecord,
  sameName,
  type StaticRRset,
} from '../replica/zone.ts';
import { followTarget } from '../serve/follow-target.ts';
import { MOST_LINKS, type QueryContext } from '../serve/query-context.ts';
import { hostInZone, MOST_TARGETS, writeAddresses } from './write-addresses.ts';

/** For the records just written to the answer section, which the name at hand owns. */
export function writeServices(context: QueryContext): Rcode {
  const { type } = context.choice;
  let { records } = context.choice;
  let node = context.found.node!;
  for (let links = 0; ; links += 1) {
    const alias = aliasOf(records);
    if (alias === undefined) return writeServiceHosts(context, node, records);
    const target = alias.target!;
    // The root says that there is no such service (RFC 9460 2.5.1).
    if (target.labelCount === 0 || links === MOST_LINKS || !followTarget(context, target))
      return Rcode.NOERROR;
    const host = hostInZone(context, target);
    if (host === undefined) return Rcode.NOERROR;
    node = host;
    const rrset = staticSet(node, type);
    // Without a service to name a port, clients take the target's addresses (RFC 9460 3).
    if (rrset === undefined) {
      writeAddresses(context, node, target.octets);
      return Rcode.NOERROR;
    }
    if (!writeSet(context, target, rrset)) return Rcode.NOERROR;
    records = rrset.records;
  }
}

/** A record of priority 0; services beside it are passed over (RFC 9460 2.4.1). */
function aliasOf(records: readonly ReadyRecord[]): ReadyRecord | undefined {
  for (let i = 0; i < records.length; i += 1) {
    const { rdata } = records[i]!;
    if (rdata[0] === 0 && rdata[1] === 0) return records[i]!;
  }
  return undefined;
}

/** The root as a service's target stands for the owner, which is the name at hand (RFC 9460 2.5.2). */
function writeServiceHosts(context: QueryContext, node: NameNode, records: readonly ReadyRecord[]): Rcode {
  const { name } = context;
  const count = Math.min(records.length, MOST_TARGETS);
  for (let i = 0; i < count; i += 1) {
    const host = hostOf(records, i, name);
    if (isRepeated(records, i, name)) continue;
    const holder = host === name ? node : hostInZone(context, host);
    if (holder !== undefined && !writeAddresses(context, holder, host.octets)) break;
  }
  return Rcode.NOERROR;
}

function hostOf(records: readonly ReadyRecord[], index: number, owner: NameView): NameView {
  const target = records[index]!.target!;
  return target.labelCount === 0 ? owner : target;
}

function isRepeated(records: readonly ReadyRecord[], index: number, owner: NameView): boolean {
  const host = hostOf(records, index, owner);
  for (let i = 0; i < index; i += 1) if (sameName(hostOf(records, i, owner), host)) return true;
  return false;
}

function staticSet({ rrsets }: NameNode, type: number): StaticRRset | undefined {
  for (let i = 0; i < rrsets.length; i += 1) {
    const rrset = rrsets[i]!;
    if (rrset.type === type && rrset.kind === 'static') return rrset;
  }
  return undefined;
}

function writeSet({ writer, mark }: QueryContext, owner: NameView, rrset: StaticRRset): boolean {
  writer.mark(mark);
  for (let i = 0; i < rrset.records.length; i += 1) {
    const { type, ttlSeconds, records } = rrset;
    const { rdata } = records[i]!;
    if (writer.writeRecord(Section.additional, owner.octets, type, RRClass.IN, ttlSeconds, rdata)) continue;
    writer.rollback(mark);
    return false;
  }
  return true;
}
