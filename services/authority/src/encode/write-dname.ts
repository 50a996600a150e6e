/**
 * The answer of a DNAME above the name (RFC 6672 3.1): the DNAME itself and the CNAME made from it, whose target is
 * the name with the DNAME's owner replaced. The target goes into a buffer of the context; nothing is allocated.
 */
import { HeaderFlag, MAX_NAME_LENGTH, RRClass, RRType } from '@signpost/dns/constants';
import { type HashedName, startOfLabel } from '@signpost/dns/hashed-name';
import { Section } from '@signpost/dns/write-message';

import type { NameNode, NameView, ReadyRecord, StaticRRset } from '../replica/zone.ts';
import type { QueryContext } from '../serve/query-context.ts';

export const Redirected = {
  /** Both records are written; `target` is where to go on. */
  written: 0,
  /** They did not fit; TC is set. */
  truncated: 1,
  /** The new name would be too long for a name: YXDOMAIN, with the DNAME alone. */
  tooLong: 2,
} as const;
export type Redirected = (typeof Redirected)[keyof typeof Redirected];

/** The owner of the DNAME is the node found. A DNAME that this chain has used before is not written again. */
export function writeDname(context: QueryContext, target: HashedName): Redirected {
  const { writer, mark, found } = context;
  const node = found.node!;
  const rrset = node.dname!;
  const record = rrset.records[0]!;
  writer.addFlags(HeaderFlag.AA);
  writer.mark(mark);
  if (!writeOnce(context, node, rrset, record)) return truncate(context);
  context.hasAnswer = true;
  if (!substitute(context.name, found.label, record.target!, target)) return Redirected.tooLong;
  const { ttlSeconds } = rrset;
  const { octets, length } = target;
  if (
    writer.writeRecord(Section.answer, context.owner(), RRType.CNAME, RRClass.IN, ttlSeconds, octets, length)
  ) {
    return Redirected.written;
  }
  return truncate(context);
}

function writeOnce(
  context: QueryContext,
  node: NameNode,
  { type, ttlSeconds }: StaticRRset,
  { rdata }: ReadyRecord,
): boolean {
  for (let i = 0; i < context.dnameCount; i += 1) if (context.dnames[i] === node) return true;
  context.dnames[context.dnameCount] = node;
  context.dnameCount += 1;
  return context.writer.writeRecord(Section.answer, node.name, type, RRClass.IN, ttlSeconds, rdata);
}

function truncate({ writer, mark }: QueryContext): Redirected {
  writer.rollback(mark);
  writer.addFlags(HeaderFlag.TC);
  return Redirected.truncated;
}

/** The labels of `name` before `label`, and then `suffix`; false when that is longer than a name may be. */
function substitute(name: NameView, label: number, suffix: NameView, into: HashedName): boolean {
  const kept = startOfLabel(name, label);
  if (kept + suffix.length > MAX_NAME_LENGTH) return false;
  for (let i = 0; i < kept; i += 1) into.octets[i] = name.octets[i]!;
  for (let i = 0; i < suffix.length; i += 1) into.octets[kept + i] = suffix.octets[i]!;
  into.length = kept + suffix.length;
  for (let i = 0; i < label; i += 1) into.labelOffsets[i] = name.labelOffsets[i]!;
  for (let i = 0; i < suffix.labelCount; i += 1) {
    into.labelOffsets[label + i] = kept + suffix.labelOffsets[i]!;
  }
  into.labelCount = label + suffix.labelCount;
  return true;
}
