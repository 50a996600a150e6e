/**
 * Puts changed verdicts into the bucket `signpost_verdicts`, before anything is published from them: a new leader
 * starts from what was true, not from `unknown`. By compare-and-set, so that a leader that was paused cannot
 * overwrite what its successor found out. With a verdict goes the penalty of what flaps.
 */
import { decodeJson, encodeJson } from '@signpost/contracts/decode';
import type { Bucket } from '@signpost/contracts/messaging';
import { verdictSchema, type Verdict } from '@signpost/contracts/verdict';

import { sameStates } from '../verdict/verdict-change.ts';
import type { ControllerState, StoredVerdict } from './controller-state.ts';
import { inChunks } from './in-chunks.ts';

export interface StoredVerdicts {
  readonly stored: ReadonlyMap<string, StoredVerdict>;
  /** Verdicts that another controller had changed: to be judged and written again. */
  readonly conflicts: number;
}

/** Rejects with `MessagingError` when NATS is away; what was written by then is found by its conflict. */
export async function storeVerdicts(
  { verdicts, stored }: Pick<ControllerState, 'verdicts' | 'stored'>,
  bucket: Bucket,
): Promise<StoredVerdicts> {
  const due = [...verdicts].filter(([pair, { verdict }]) => differs(stored.get(pair)?.verdict, verdict));
  if (due.length === 0) return { stored, conflicts: 0 };
  const next = new Map(stored);
  let conflicts = 0;
  await inChunks(due, async ([pair, { verdict }]) => {
    const revision = await write(bucket, pair, verdict, stored.get(pair)?.revision);
    if (revision === undefined) {
      conflicts += 1;
      await reread(bucket, pair, next);
      return;
    }
    next.set(pair, { verdict, revision });
  });
  return { stored: next, conflicts };
}

/** Whether a new leader would go on otherwise; a penalty decays by itself, so only its growth is written. */
function differs(stored: Verdict | undefined, present: Verdict): boolean {
  if (!sameStates(stored, present)) return true;
  const { penalty = 0, atMs } = present.flaps ?? {};
  return penalty > 0 && (atMs !== stored?.flaps?.atMs || penalty !== stored?.flaps?.penalty);
}

/** The new revision; undefined when another one stands there than `known`. */
async function write(
  bucket: Bucket,
  pair: string,
  verdict: Verdict,
  known: number | undefined,
): Promise<number | undefined> {
  const value = encodeJson(verdict);
  const outcome =
    known === undefined ? await bucket.create(pair, value) : await bucket.update(pair, value, known);
  return outcome.kind === 'written' ? outcome.revision : undefined;
}

async function reread(bucket: Bucket, pair: string, into: Map<string, StoredVerdict>): Promise<void> {
  const entry = await bucket.get(pair);
  if (entry === undefined) {
    into.delete(pair);
    return;
  }
  const decoded = decodeJson(verdictSchema, entry.value);
  if (decoded.ok) into.set(pair, { verdict: decoded.value, revision: entry.revision });
  else await bucket.delete(pair);
}
