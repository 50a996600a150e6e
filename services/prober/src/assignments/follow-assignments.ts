/**
 * H1: follows the bucket of probe assignments and gives the whole list of this vantage whenever it changed.
 * It waits for the bucket to exist, however long, and must not make it: it is the controller's.
 */
import type { Bucket, Following, Messaging } from '@signpost/contracts/messaging';
import { MessagingError } from '@signpost/contracts/messaging';
import type { Assignment } from '@signpost/contracts/probe-assignment';
import { buckets } from '@signpost/contracts/subjects';
import type { Clock } from '@signpost/lifecycle/clock';

import { createAlarm } from '../schedule/alarm.ts';
import { Shards } from './shards.ts';

export interface FollowAssignmentsOptions {
  readonly messaging: Messaging;
  readonly vantage: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The whole list; first when everything stored was read, then after every change. */
  readonly onList: (assignments: readonly Assignment[]) => void;
  readonly onRefused: (key: string, reason: string) => void;
}

/** A change of several shards arrives as several messages; a pair on its way from one to another must not drop out. */
const SETTLE_MS = 50;
const RETRY_MS = 500;

/** Resolves when the signal fires. */
export async function followAssignments(options: FollowAssignmentsOptions): Promise<void> {
  const { messaging, vantage, clock, signal, onList, onRefused } = options;
  const alarm = createAlarm(clock);
  const shards = new Shards(vantage);
  let changed = true;
  const listener = ({ key, value }: { key: string; value: Uint8Array | undefined }) => {
    const outcome = shards.set(key, value);
    if (outcome.kind === 'refused') return onRefused(key, outcome.reason);
    changed = true;
    alarm.ring();
  };
  signal.addEventListener('abort', alarm.ring, { once: true });
  const bucket = await messaging.bucket(buckets.probes, { create: false, signal });
  await using following = await watch(bucket, `${vantage}.*`, listener, options);
  await Promise.race([following.caughtUp, aborted(signal)]);
  while (!signal.aborted) {
    if (changed) {
      changed = false;
      onList(shards.list());
    }
    await alarm.wait(Infinity);
    await clock.sleep(SETTLE_MS, signal).catch(() => {});
  }
}

/** The connection may go between opening the bucket and watching it. */
async function watch(
  bucket: Bucket,
  pattern: string,
  listener: (change: { key: string; value: Uint8Array | undefined }) => void,
  { clock, signal }: FollowAssignmentsOptions,
): Promise<Following> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await bucket.watch({ pattern, listener });
    } catch (error) {
      if (!(error instanceof MessagingError)) throw error;
      await clock.sleep(RETRY_MS, signal);
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
