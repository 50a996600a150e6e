/**
 * Writes the chosen RRset into the answer section, whole or not at all: half an RRset would be cached as a whole
 * one (RFC 2181 sections 5 and 9).
 */
import { HeaderFlag, RRClass, RRType } from '@signpost/dns/constants';
import { Section } from '@signpost/dns/write-message';

import { FoundKind } from '../find/find-name.ts';
import type { ReadyRecord } from '../replica/zone.ts';
import type { QueryContext } from '../serve/query-context.ts';

/** False: it did not fit; TC is set and the client asks again over TCP. */
export function writeAnswer(context: QueryContext): boolean {
  const { choice, writer, mark } = context;
  const { type, ttlSeconds, records, order } = choice;
  const owner = context.owner();
  // An alias is one record: several CNAMEs at a name would be an error (RFC 2181 10.1).
  const count = type === RRType.CNAME ? 1 : choice.count;
  writer.addFlags(HeaderFlag.AA);
  if (type === RRType.DNAME && isThere(context)) return true;
  writer.mark(mark);
  for (let i = 0; i < count; i += 1) {
    const { rdata } = records[order === undefined ? i : order[i]!]!;
    if (order !== undefined && wasWritten(rdata, records, order, i)) continue;
    if (writer.writeRecord(Section.answer, owner, type, RRClass.IN, ttlSeconds, rdata)) continue;
    writer.rollback(mark);
    writer.addFlags(HeaderFlag.TC);
    return false;
  }
  context.hasAnswer = true;
  if (order !== undefined) noteGiven(context, records, order, count);
  return true;
}

/** A response that the rate limit takes back after this counts as given: a time too late does no harm. */
function noteGiven(
  context: QueryContext,
  records: readonly ReadyRecord[],
  order: Int32Array,
  count: number,
): void {
  const { answered, nowMs, given, choice } = context;
  const { policy, ttlSeconds } = choice.steered!;
  given.begin(policy, ttlSeconds, choice.group, context.found.node!.entry, context.zone!.entry);
  for (let i = 0; i < count; i += 1) {
    const { slot } = records[order[i]!]!;
    answered.note(slot, nowMs);
    given.add(slot);
  }
}

/** The DNAME asked for led here, and no record is sent twice. */
function isThere({ found, dnames, dnameCount }: QueryContext): boolean {
  for (let i = 0; i < dnameCount; i += 1) if (dnames[i] === found.node) return found.kind === FoundKind.exact;
  return false;
}

/** Two targets of a pool may have one address, and both may have been drawn. */
export function wasWritten(
  rdata: Uint8Array,
  records: readonly ReadyRecord[],
  order: Int32Array,
  index: number,
): boolean {
  for (let i = 0; i < index; i += 1) if (records[order[i]!]!.rdata === rdata) return true;
  return false;
}
