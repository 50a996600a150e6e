/**
 * Puts how pools are steered by load into the bucket `signpost_verdicts`, beside the verdicts, before anything is
 * published from it: a new leader must not let all clients back at once. By compare-and-set; what another controller
 * wrote meanwhile is read, and written over only by whoever still leads in the next round.
 */
import { decodeJson, encodeJson } from '@signpost/contracts/decode';
import type { Bucket } from '@signpost/contracts/messaging';
import { loadKey, storedLoadSchema, type StoredLoad } from '@signpost/contracts/stored-load';

import { sameRoom } from '../load/evolve-load.ts';
import type { PoolLoad, Room } from '../load/pool-load.ts';
import type { ControllerState } from './controller-state.ts';
import { inChunks } from './in-chunks.ts';

/** Rejects with `MessagingError` when NATS is away. */
export async function keepLoads(before: ControllerState, bucket: Bucket): Promise<ControllerState> {
  const { load, storedLoads } = before;
  const due = [...load.pools].filter(([pool, known]) => differs(storedLoads.get(pool)?.stored, known));
  const gone = [...storedLoads.keys()].filter((pool) => !load.pools.has(pool));
  if (due.length === 0 && gone.length === 0) return before;
  const next = new Map(storedLoads);
  await inChunks(due, async ([pool, known]) => {
    const stored = storedLoadOf(pool, known);
    const revision = await write(bucket, stored, storedLoads.get(pool)?.revision);
    if (revision !== undefined) next.set(pool, { stored, revision });
    else await reread(bucket, pool, next);
  });
  await inChunks(gone, async (pool) => {
    await bucket.delete(loadKey(pool));
    next.delete(pool);
  });
  return { ...before, storedLoads: next };
}

/** Nothing is stored of a pool of which nothing is known. */
function differs(stored: StoredLoad | undefined, { keep, room, spill }: PoolLoad): boolean {
  if (stored === undefined) return keep !== 1 || room !== undefined || spill !== undefined;
  return (
    stored.keep !== keep || !sameRoom(sharesOf(stored.room), room) || !sameRoom(sharesOf(stored.spill), spill)
  );
}

function storedLoadOf(pool: string, { keep, room, spill }: PoolLoad): StoredLoad {
  return {
    pool,
    keep,
    ...(room !== undefined && { room: Object.fromEntries(room) }),
    ...(spill !== undefined && { spill: Object.fromEntries(spill) }),
  };
}

function sharesOf(stored: StoredLoad['room']): Room | undefined {
  return stored === undefined ? undefined : new Map(Object.entries(stored));
}

/** The new revision; undefined when another one stands there than `known`. */
async function write(
  bucket: Bucket,
  stored: StoredLoad,
  known: number | undefined,
): Promise<number | undefined> {
  const key = loadKey(stored.pool);
  const value = encodeJson(stored);
  const outcome =
    known === undefined ? await bucket.create(key, value) : await bucket.update(key, value, known);
  return outcome.kind === 'written' ? outcome.revision : undefined;
}

async function reread(
  bucket: Bucket,
  pool: string,
  into: Map<string, { readonly stored: StoredLoad; readonly revision: number }>,
): Promise<void> {
  const entry = await bucket.get(loadKey(pool));
  const decoded = entry === undefined ? undefined : decodeJson(storedLoadSchema, entry.value);
  if (entry !== undefined && decoded?.ok === true) {
    into.set(pool, { stored: decoded.value, revision: entry.revision });
    return;
  }
  into.delete(pool);
  if (entry !== undefined) await bucket.delete(loadKey(pool));
}
