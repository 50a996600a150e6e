/**
 * What the target of an alias answers, when that is one step away: addresses in a zone of ours, or nothing since no zone of
 * ours holds it. Longer chains are the general path's. Allocates nothing, never throws.
 */
import { RRType } from '@signpost/dns/constants';
import { copyAndHash } from '@signpost/dns/suffix-hash';

import { RECORD_HEADER, SetEntry, SetKind } from '../image/layout.ts';
import type { QueryContext } from '../serve/query-context.ts';
import { guessZone, locate, Located } from './find-fast.ts';
import { findSet, writeSteered } from './steer-fast.ts';
import { pointerTo, writeAddressesFast } from './write-fast.ts';

/** For the alias just written, whose RDATA stands at `targetAt` of the message. False: the general path must answer. */
export function followFast(
  context: QueryContext,
  name: number,
  alias: number,
  source: Uint8Array,
  output: Uint8Array,
): boolean {
  const { query, fast: state, snapshot } = context;
  const { index } = snapshot;
  const { words, octets } = index;
  const { target } = state;
  const start = (alias + SetEntry.plain) * 4 + RECORD_HEADER;
  target.length = words[alias + SetEntry.plainLength]! - RECORD_HEADER;
  let labels = 0;
  for (let at = start; octets[at] !== 0; at += octets[at]! + 1) {
    target.labelOffsets[labels] = at - start;
    labels += 1;
  }
  target.labelCount = labels;
  copyAndHash(octets, start, target);
  if (!guessZone(index, state, target)) return true;
  const located = locate(index, state, target);
  if (located !== Located.own && located !== Located.wildcard) return false;
  const found = state.entry;
  if (found === name) return false; // a loop
  const set = findSet(words, found, query.qtype);
  if (set === 0 || words[set + SetEntry.type]! >>> 16 === SetKind.steered) {
    return set !== 0 && steer(context, found, set, source, output);
  }
  const type = words[set + SetEntry.type];
  if (type !== RRType.A && type !== RRType.AAAA) return false;
  if (!writeAddressesFast(index, state, output, set, pointerTo(output, state.targetAt))) return false;
  state.answers += words[set + SetEntry.records]!;
  return true;
}

function steer(
  context: QueryContext,
  name: number,
  set: number,
  source: Uint8Array,
  output: Uint8Array,
): boolean {
  context.lookAtClient(source);
  return writeSteered(context, name, set, pointerTo(output, context.fast.targetAt), output) > 0;
}
