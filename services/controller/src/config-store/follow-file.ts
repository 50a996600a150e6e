/**
 * Applies the file of SIGNPOST_CONFIG: at start and whenever it changes, but only when its hash is not the one
 * that was applied last, so that a restart never undoes a `signpost apply`. Own polling of stat; a broken file
 * is told once per version and changes nothing.
 */
import { readFile, stat } from 'node:fs/promises';

import type { Mistake } from '@signpost/config/check-configuration';
import { MessagingError, type Bucket } from '@signpost/contracts/messaging';
import type { Clock } from '@signpost/lifecycle/clock';

import { applyConfiguration, readManifest, sha256 } from './apply-configuration.ts';

export const FILE_POLL_MS = 1_000;

export interface FollowFileOptions {
  readonly path: string;
  readonly bucket: Bucket;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onApplied: (applied: { revision: number; changed: boolean }) => void;
  /** The file is wrong; what runs stays. Told once for each version of the file. */
  readonly onMistakes: (mistakes: readonly Mistake[]) => void;
  /** The file cannot be read. Told once until it can. */
  readonly onUnreadable: (error: Error) => void;
  /** NATS is away or refuses it; it is tried again at each poll. Told once until the reason is another. */
  readonly onFailed: (error: MessagingError) => void;
  readonly pollMs?: number;
}

/** Returns when the signal fires. */
export async function followFile(options: FollowFileOptions): Promise<void> {
  const { clock, signal, pollMs = FILE_POLL_MS } = options;
  let settledStamp: string | undefined;
  let told: string | undefined;
  const once =
    <Failure extends Error>(tell: (error: Failure) => void) =>
    (error: Failure) => {
      if (error.message !== told) tell(error);
      told = error.message;
    };
  const onFailed = once(options.onFailed);
  const onUnreadable = once(options.onUnreadable);
  while (!signal.aborted) {
    const stamp = await stampOf(options.path);
    if (stamp === settledStamp || (await applyFile({ ...options, onFailed, onUnreadable }))) {
      settledStamp = stamp;
      told = undefined;
    }
    try {
      await clock.sleep(pollMs, signal);
    } catch {
      return;
    }
  }
}

/** False: try again at the next poll: it cannot be read, NATS was away, or somebody else applied at the same time. */
export async function applyFile(options: Omit<FollowFileOptions, 'signal' | 'pollMs'>): Promise<boolean> {
  const { path, bucket, clock } = options;
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    options.onUnreadable(error as Error);
    return false;
  }
  try {
    const fileHash = sha256(text);
    const present = await readManifest(bucket);
    if (present?.manifest.fileHash === fileHash) return true;
    const outcome = await applyConfiguration(bucket, { text, file: path, fileHash, nowMs: clock.now() });
    if (outcome.kind === 'refused') options.onMistakes(outcome.mistakes);
    if (outcome.kind === 'applied') options.onApplied(outcome);
    return outcome.kind !== 'conflict';
  } catch (error) {
    if (!(error instanceof MessagingError)) throw error;
    options.onFailed(error);
    return false;
  }
}

/** Taken before reading, so that a file that changes meanwhile is read again. A missing file is a version too. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino}:${size}:${mtimeMs}`;
  } catch {
    return 'missing';
  }
}
