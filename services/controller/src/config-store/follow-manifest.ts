/**
 * Follows the manifest in `signpost_config` and loads the configuration it names, the newest alone when several
 * came together. What cannot be used is told once and changes nothing. Must not apply anything.
 */
import type { Check } from '@signpost/config/check-configuration';
import { manifestSchema, MANIFEST_KEY, type Manifest } from '@signpost/contracts/configuration';
import { decodeJson } from '@signpost/contracts/decode';
import { MessagingError, type Bucket } from '@signpost/contracts/messaging';
import type { Clock } from '@signpost/lifecycle/clock';

import type { AppliedConfiguration } from '../reconcile/controller-state.ts';
import { buildTopology } from '../topology/topology.ts';
import { untilOpened } from '../until-opened.ts';
import { loadConfiguration } from './load-configuration.ts';

export interface FollowManifestOptions {
  readonly bucket: Bucket;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onConfiguration: (configuration: AppliedConfiguration) => void;
  readonly onRefused: (reason: string) => void;
  readonly further?: readonly Check[];
}

interface Announced {
  readonly value: Uint8Array;
  readonly revision: number;
}

const RETRY_MS = 1_000;

/** Returns when the signal fires. */
export async function followManifest(options: FollowManifestOptions): Promise<void> {
  const { bucket, clock, signal } = options;
  let newest: Announced | undefined;
  let wake = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => wake.resolve(), { once: true });
  const watch = () =>
    bucket.watch({
      pattern: MANIFEST_KEY,
      listener: ({ value, revision }) => {
        if (value === undefined) return; // lost with an emptied NATS; what runs stays
        newest = { value, revision };
        wake.resolve();
      },
    });
  await using _watch = await untilOpened(watch, clock, signal);
  while (!signal.aborted) {
    await wake.promise;
    wake = Promise.withResolvers<void>();
    const taken: Announced | undefined = newest;
    if (taken === undefined || signal.aborted) continue;
    newest = undefined;
    if (await load(taken, options)) continue;
    newest ??= taken;
    wake.resolve();
    await clock.sleep(RETRY_MS, signal).catch(() => undefined);
  }
}

/** False: NATS was away, try again. */
async function load(announced: Announced, options: FollowManifestOptions): Promise<boolean> {
  const decoded = decodeJson(manifestSchema, announced.value);
  if (!decoded.ok) {
    options.onRefused(`manifest of revision ${announced.revision}: ${decoded.reason}`);
    return true;
  }
  try {
    return await take(decoded.value, announced.revision, options);
  } catch (error) {
    if (!(error instanceof MessagingError)) throw error;
    return false;
  }
}

async function take(
  manifest: Manifest,
  revision: number,
  { bucket, onConfiguration, onRefused, further }: FollowManifestOptions,
): Promise<true> {
  const loaded = await loadConfiguration(bucket, manifest, further);
  if (!loaded.ok) {
    onRefused(`revision ${revision}: ${loaded.reason}`);
    return true;
  }
  onConfiguration({
    revision,
    hash: manifest.hash,
    atMs: manifest.atMs,
    fileHash: manifest.fileHash,
    written: loaded.written,
    topology: buildTopology(loaded.configuration),
  });
  return true;
}
