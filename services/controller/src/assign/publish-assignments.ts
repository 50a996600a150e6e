/**
 * Brings the bucket `signpost_probes` to what is assigned: writes shards that differ, deletes those too many.
 * Repeating it is harmless. Must not decide who probes what.
 */
import { encodeJson } from '@signpost/contracts/decode';
import type { Bucket } from '@signpost/contracts/messaging';
import type { AssignmentShard } from '@signpost/contracts/probe-assignment';

export interface PublishedAssignments {
  readonly written: number;
  readonly deleted: number;
}

export async function publishAssignments(
  bucket: Bucket,
  shards: ReadonlyMap<string, AssignmentShard>,
): Promise<PublishedAssignments> {
  let written = 0;
  for (const [key, shard] of shards) {
    const value = encodeJson(shard);
    const stored = await bucket.get(key);
    if (stored !== undefined && Buffer.compare(stored.value, value) === 0) continue;
    await bucket.put(key, value);
    written += 1;
  }
  const extra = (await bucket.keys()).filter((key) => !shards.has(key));
  for (const key of extra) await bucket.delete(key);
  return { written, deleted: extra.length };
}
