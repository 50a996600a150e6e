/**
 * A candidate in the bucket `signpost_config`: written as a configuration is, noun by noun, under a manifest of its own.
 * To promote it is to make its manifest the one in force, so that exactly what was compared is applied.
 */
import { checkConfiguration, type Mistake } from '@signpost/config/check-configuration';
import {
  CANDIDATE_KEY,
  type Configuration,
  MANIFEST_KEY,
  type Manifest,
  manifestSchema,
} from '@signpost/contracts/configuration';
import { decodeJson, encodeJson } from '@signpost/contracts/decode';
import type { Bucket } from '@signpost/contracts/messaging';

import { type ApplyRequest, readManifest, writeEntries } from './apply-configuration.ts';
import { canonicalJson } from './config-keys.ts';
import { loadConfiguration } from './load-configuration.ts';
import { sha256 } from './read-configuration-file.ts';

export interface KeptCandidate {
  readonly hash: string;
  readonly atMs: number;
  readonly configuration: Configuration;
}

export type KeepOutcome =
  | { readonly kind: 'kept'; readonly candidate: KeptCandidate }
  | { readonly kind: 'refused'; readonly mistakes: readonly Mistake[] };

export type PromoteOutcome =
  | { readonly kind: 'promoted'; readonly revision: number }
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
  const hash = sha256(canonicalJson(input));
  const atMs = Math.floor(nowMs);
  const keys = await writeEntries(bucket, input, (await readManifest(bucket))?.manifest);
  await bucket.put(CANDIDATE_KEY, encodeJson({ hash, atMs, keys } satisfies Manifest));
  return { kind: 'kept', candidate: { hash, atMs, configuration } };
}

/** Undefined: there is none, or what it names is no longer kept. */
export async function readCandidate(bucket: Bucket): Promise<KeptCandidate | undefined> {
  const manifest = await candidateManifest(bucket);
  if (manifest === undefined) return undefined;
  const loaded = await loadConfiguration(bucket, manifest);
  if (!loaded.ok) return undefined;
  return { hash: manifest.hash, atMs: manifest.atMs, configuration: loaded.configuration };
}

/** `hash`: the candidate that was looked at; a beginning of it is enough. */
export async function promoteCandidate(bucket: Bucket, hash: string, nowMs: number): Promise<PromoteOutcome> {
  const manifest = await candidateManifest(bucket);
  if (manifest?.hash.startsWith(hash) !== true || (await readCandidate(bucket)) === undefined) {
    return { kind: 'unknown' };
  }
  const present = await readManifest(bucket);
  const fileHash = present?.manifest.fileHash;
  const next: Manifest = {
    ...manifest,
    atMs: Math.floor(nowMs),
    ...(fileHash !== undefined && { fileHash }),
  };
  const written =
    present === undefined
      ? await bucket.create(MANIFEST_KEY, encodeJson(next))
      : await bucket.update(MANIFEST_KEY, encodeJson(next), present.revision);
  if (written.kind === 'conflict') return { kind: 'conflict' };
  await bucket.delete(CANDIDATE_KEY);
  return { kind: 'promoted', revision: written.revision };
}

async function candidateManifest(bucket: Bucket): Promise<Manifest | undefined> {
  const entry = await bucket.get(CANDIDATE_KEY);
  const decoded = entry === undefined ? undefined : decodeJson(manifestSchema, entry.value);
  return decoded?.ok === true ? decoded.value : undefined;
}
