/** Record sets of a name in the image, and what a steered one has for the client at hand. Allocates nothing, never throws. */
import { RRType } from '@signpost/dns/constants';
import { selectAnswer } from '@signpost/policy/select-answer';

import { wasWritten } from '../encode/write-answer.ts';
import { NameEntry, SetEntry } from '../image/layout.ts';
import type { QueryContext } from '../serve/query-context.ts';
import { HEALTHY } from '../serve/standing.ts';
import { writeRecordFast } from './write-fast.ts';

/** The one of this type, else a CNAME, else 0. */
export function findSet(words: Int32Array, name: number, qtype: number): number {
  const end = NameEntry.sets + 2 * (words[name + NameEntry.lengths]! >>> 16);
  let alias = 0;
  for (let at = NameEntry.sets; at < end; at += 2) {
    const type = words[name + at]!;
    if (type === qtype) return words[name + at + 1]!;
    if (type === RRType.CNAME) alias = words[name + at + 1]!;
  }
  return alias;
}

/**
 * The client's part of a steered set; the client was looked at. Returns the count of records; 0: there is nothing for it;
 * below 0: the general path must say what.
 */
export function writeSteered(
  context: QueryContext,
  name: number,
  set: number,
  owner: number,
  output: Uint8Array,
): number {
  const { fast: state, snapshot, selection, chance, answered, given, nowMs } = context;
  const { words } = snapshot.index;
  const policy = snapshot.policyOf(set);
  chance.seed = words[set + SetEntry.seed]!;
  chance.turn = (chance.turn + 1) & 0x3fff_ffff;
  context.writeDraw(chance.draw);
  selectAnswer(policy.steering, context.client, chance, selection, context.latencies);
  const group = policy.groups[selection.group]!;
  // How the pool stands is to be explained; and hosts are followed.
  if (group.standing !== HEALTHY || group.type !== (words[set + SetEntry.type]! & 0xffff)) return -1;
  if (group.type !== RRType.A && group.type !== RRType.AAAA) return -1;
  if (selection.scope > state.scope) state.scope = selection.scope;
  const { count, answers } = selection;
  if (count === 0) return 0;
  const ttlSeconds = words[set + SetEntry.ttl]!;
  for (let i = 0; i < count; i += 1) {
    const { rdata } = group.records[answers[i]!]!;
    if (i > 0 && wasWritten(rdata, group.records, answers, i)) continue;
    if (!writeRecordFast(state, output, owner, group.type, ttlSeconds, rdata)) return -1;
    state.answers += 1;
  }
  given.begin(policy, ttlSeconds, selection.group, name, state.zone);
  for (let i = 0; i < count; i += 1) {
    const { slot } = group.records[answers[i]!]!;
    answered.note(slot, nowMs);
    given.add(slot);
  }
  return count;
}
