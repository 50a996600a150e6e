/** A configuration that was applied earlier, from the history of the bucket: what guards hold to. */
import { MANIFEST_KEY, manifestSchema, type Configuration } from '@signpost/contracts/configuration';
import { decodeJson } from '@signpost/contracts/decode';
import type { Bucket } from '@signpost/contracts/messaging';

import { loadConfiguration } from './load-configuration.ts';

/** `revision`: of the manifest. Undefined when it is no longer kept; rejects with `MessagingError`. */
export async function loadRevision(bucket: Bucket, revision: number): Promise<Configuration | undefined> {
  const entry = await bucket.get(MANIFEST_KEY, revision);
  const manifest = entry === undefined ? undefined : decodeJson(manifestSchema, entry.value);
  if (manifest?.ok !== true) return undefined;
  const loaded = await loadConfiguration(bucket, manifest.value);
  return loaded.ok ? loaded.configuration : undefined;
}
