/**
 * A candidate in the bucket `signpost_config`: written as a configuration is, noun by noun, under a manifest and keys of
 * its own, since a bucket keeps so many revisions of a key: candidates, however many, push out nothing that is in force.
 * To promote it is to apply exactly what was compared.
 */
import { checkConfiguration, type Mistake } from '@signpost/config/check-configuration';
import {
  CANDIDATE_KEY,
  type Configuration,
  type Manifest,
  manifestSchema,
} from '@signpost/contracts/configuration';
import { decodeJson, encodeJson } from '@signpost/contracts/decode';
import type { Bucket } from '@signpost/contracts/messaging';

import {
  type AppliedOutcome,
  type ApplyRequest,
  deleteUnnamed,
  hashOf,
  storeConfiguration,
  writeEntries,
} from './apply-configuration.ts';
import { loadConfiguration, type LoadedConfiguration } from './load-configuration.ts';

export interface KeptCandidate {
  readonly hash: string;
  readonly atMs: number;
  readonly configuration: Configuration;
}

export type KeepOutcome =
  | { readonly kind: 'kept'; readonly candidate: KeptCandidate }
  | { readonly kind: 'refused'; readonly mistakes: readonly Mistake[] };

export type PromoteOutcome =
  | AppliedOutcome
  /** There is none, or another one. */
  | { readonly kind: 'unknown' }
  /** Somebody applied something meanwhile. */
  | { readonly kind: 'conflict' };

/** Replaces the candidate there was. All of these reject with `MessagingError` when the bucket is not reached. */
export async function keepCandidate(
  bucket: Bucket,
  { text, file, nowMs, further }: Omit<ApplyRequest, 'fileHash'>,
): Promise<KeepOutcome> {
  const checked = checkConfiguration(text, file, undefined, further);
  if (!checked.ok) return { kind: 'refused', mistakes: checked.mistakes };
  const { input, configuration } = checked;
  const before = await candidateManifest(bucket);
  const hash = hashOf(input);
  const atMs = Math.floor(nowMs);
  const keys = await writeEntries(entriesIn(bucket), input, before);
  await bucket.put(CANDIDATE_KEY, encodeJson({ hash, atMs, keys } satisfies Manifest));
  await deleteUnnamed(entriesIn(bucket), before, keys);
  return { kind: 'kept', candidate: { hash, atMs, configuration } };
}

/** Undefined: there is none, or what it names is no longer kept. */
export async function readCandidate(bucket: Bucket): Promise<KeptCandidate | undefined> {
  const manifest = await candidateManifest(bucket);
  const loaded = manifest && (await loadCandidate(bucket, manifest));
  if (loaded?.ok !== true) return undefined;
  return { hash: manifest!.hash, atMs: manifest!.atMs, configuration: loaded.configuration };
}

/** `hash`: the candidate that was looked at; a beginning of it is enough. */
export async function promoteCandidate(bucket: Bucket, hash: string, nowMs: number): Promise<PromoteOutcome> {
  const manifest = await candidateManifest(bucket);
  if (manifest?.hash.startsWith(hash) !== true) return { kind: 'unknown' };
  const loaded = await loadCandidate(bucket, manifest);
  if (!loaded.ok) return { kind: 'unknown' };
  const outcome = await storeConfiguration(bucket, loaded.written, { nowMs });
  if (outcome.kind !== 'applied') return { kind: 'conflict' };
  await bucket.delete(CANDIDATE_KEY);
  await deleteUnnamed(entriesIn(bucket), manifest, {});
  return outcome;
}

function loadCandidate(bucket: Bucket, manifest: Manifest): Promise<LoadedConfiguration> {
  return loadConfiguration(entriesIn(bucket), manifest);
}

/** Where a candidate's nouns lie: `targets.eu-a` at `candidate.targets.eu-a`. */
function entriesIn(bucket: Bucket): Pick<Bucket, 'get' | 'put' | 'delete'> {
  const keyOf = (key: string) => `${CANDIDATE_KEY}.${key}`;
  return {
    get: (key, revision) => bucket.get(keyOf(key), revision),
    put: (key, value) => bucket.put(keyOf(key), value),
    delete: (key) => bucket.delete(keyOf(key)),
  };
}

async function candidateManifest(bucket: Bucket): Promise<Manifest | undefined> {
  const entry = await bucket.get(CANDIDATE_KEY);
  const decoded = entry === undefined ? undefined : decodeJson(manifestSchema, entry.value);
  return decoded?.ok === true ? decoded.value : undefined;
}
