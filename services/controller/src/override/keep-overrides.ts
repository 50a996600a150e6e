/**
 * Keeps the bucket `signpost_overrides` in order: what ended goes once it was told, and a bucket that was emptied
 * gets back what is still in force. All of it may be repeated. Rejects with `MessagingError` when NATS is away.
 */
import { encodeJson } from '@signpost/contracts/decode';
import type { Bucket } from '@signpost/contracts/messaging';
import type { StoredOverride } from '@signpost/contracts/override';

import { hasEnded } from './overrides-at.ts';

type Stored = ReadonlyMap<string, StoredOverride>;

/** An id is used once and an ended override never changes, so nothing newer can be lost. */
export async function dropEnded(overrides: Stored, bucket: Bucket, wallMs: number): Promise<Stored> {
  const ended = [...overrides.values()].filter((override) => hasEnded(override, wallMs));
  if (ended.length === 0) return overrides;
  const left = new Map(overrides);
  for (const { id } of ended) {
    await bucket.delete(id);
    left.delete(id);
  }
  return left;
}

export async function refill(overrides: Stored, bucket: Bucket, wallMs: number): Promise<void> {
  for (const override of overrides.values()) {
    if (!hasEnded(override, wallMs)) await bucket.create(override.id, encodeJson(override));
  }
}
