/**
 * Applies the file of SIGNPOST_CONFIG with its zone files: at start and whenever one of them changes, but only when
 * their hash is not the one that was applied last, so that a restart never undoes a `signpost apply`. Own polling of
 * stat; a broken file is told once per version and changes nothing.
 */
import type { Check, Mistake } from '@signpost/config/check-configuration';
import { MessagingError, type Bucket } from '@signpost/contracts/messaging';
import type { Clock } from '@signpost/lifecycle/clock';

import { readManifest, storeConfiguration } from './apply-configuration.ts';
import { type ConfigurationFile, haveChanged, readConfigurationFile } from './read-configuration-file.ts';

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
  readonly further?: readonly Check[];
}

/** Returns when the signal fires. */
export async function followFile(options: FollowFileOptions): Promise<void> {
  const { clock, signal, pollMs = FILE_POLL_MS } = options;
  let settled: Stamps | undefined;
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
    if (settled === undefined || haveChanged(settled)) {
      settled = await applyFile({ ...options, onFailed, onUnreadable });
      if (settled !== undefined) told = undefined;
    }
    try {
      await clock.sleep(pollMs, signal);
    } catch {
      return;
    }
  }
}

type Stamps = ConfigurationFile['stamps'];

/**
 * The files that are settled until one changes. Undefined: try again at the next poll, since the file cannot be read,
 * NATS was away, or somebody else applied at the same time.
 */
export async function applyFile(
  options: Omit<FollowFileOptions, 'signal' | 'pollMs'>,
): Promise<Stamps | undefined> {
  const { path, bucket, clock } = options;
  let file: ConfigurationFile;
  try {
    file = readConfigurationFile(path, options.further);
  } catch (error) {
    options.onUnreadable(error as Error);
    return undefined;
  }
  const { checked, hash: fileHash, stamps } = file;
  if (!checked.ok) {
    options.onMistakes(checked.mistakes);
    return stamps;
  }
  try {
    const present = await readManifest(bucket);
    if (present?.manifest.fileHash === fileHash) return stamps;
    const outcome = await storeConfiguration(bucket, checked.input, { fileHash, nowMs: clock.now() });
    if (outcome.kind === 'applied') options.onApplied(outcome);
    return outcome.kind === 'conflict' ? undefined : stamps;
  } catch (error) {
    if (!(error instanceof MessagingError)) throw error;
    options.onFailed(error);
    return undefined;
  }
}
