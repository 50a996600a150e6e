/**
 * A manifest -> the configuration it names, by revisions, checked again: the bucket is another process' bytes.
 * Never throws on account of what is stored; a configuration that cannot be used leaves the last good one in place.
 */
import type { Check } from '@signpost/config/check-configuration';
import { checkReferences } from '@signpost/config/check-references';
import { partsOf } from '@signpost/config/readable-parts';
import {
  configurationSchema,
  type Configuration,
  type ConfigurationInput,
  type Manifest,
} from '@signpost/contracts/configuration';
import { checkValue, decodeJson } from '@signpost/contracts/decode';
import type { Bucket } from '@signpost/contracts/messaging';
import * as z from 'zod';

import { assembleConfiguration } from './config-keys.ts';

export type LoadedConfiguration =
  | { readonly ok: true; readonly configuration: Configuration; readonly written: ConfigurationInput }
  | { readonly ok: false; readonly reason: string };

/** Rejects with `MessagingError` when the bucket is not reached. */
export async function loadConfiguration(
  bucket: Pick<Bucket, 'get'>,
  manifest: Manifest,
  further: readonly Check[] = [],
): Promise<LoadedConfiguration> {
  const entries = new Map<string, unknown>();
  for (const [key, revision] of Object.entries(manifest.keys)) {
    const entry = await bucket.get(key, revision);
    if (entry === undefined) return refused(`${key}: revision ${revision} is no longer kept`);
    const decoded = decodeJson(z.unknown(), entry.value);
    if (!decoded.ok) return refused(`${key}: ${decoded.reason}`);
    entries.set(key, decoded.value);
  }
  const written = assembleConfiguration(entries);
  const checked = checkValue(configurationSchema, written);
  if (!checked.ok) return refused(checked.reason);
  const [mistake] = [
    ...checkReferences(checked.value),
    ...further.flatMap((check) => check(partsOf(checked.value))),
  ];
  if (mistake !== undefined) return refused(`${mistake.path.join('.')}: ${mistake.message}`);
  // What the schema takes is its input.
  return { ok: true, configuration: checked.value, written: written as ConfigurationInput };
}

function refused(reason: string): LoadedConfiguration {
  return { ok: false, reason };
}
