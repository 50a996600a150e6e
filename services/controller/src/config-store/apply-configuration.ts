/**
 * A configuration text -> the bucket `signpost_config`, as a whole or not at all. Everything is checked before
 * anything is written; nouns are written first, then the manifest that names their revisions, by compare-and-set.
 * Two applies at a time never mix: one manifest wins, and names only revisions that its own writer knows.
 */
import { type Check, checkConfiguration, type Mistake } from '@signpost/config/check-configuration';
import {
  MANIFEST_KEY,
  manifestSchema,
  type ConfigurationInput,
  type Manifest,
} from '@signpost/contracts/configuration';
import type { ConfigurationChanges } from '@signpost/contracts/configuration-changes';
import { decodeJson, encodeJson } from '@signpost/contracts/decode';
import type { Bucket } from '@signpost/contracts/messaging';

import { compareManifests } from './compare-manifests.ts';
import { assembleConfiguration, canonicalJson, configurationEntries } from './config-keys.ts';
import { sha256 } from './read-configuration-file.ts';

export interface ApplyRequest {
  readonly text: string;
  /** For messages. */
  readonly file: string;
  /** Set when a controller's SIGNPOST_CONFIG file is applied: the hash that a restart compares. */
  readonly fileHash?: string;
  /** Wall clock. */
  readonly nowMs: number;
  /** What only this controller can check. */
  readonly further?: readonly Check[];
}

export type ApplyOutcome =
  | AppliedOutcome
  | { readonly kind: 'refused'; readonly mistakes: readonly Mistake[] }
  /** Somebody else applied meanwhile; nothing of this one is in effect. */
  | { readonly kind: 'conflict' };

export interface AppliedOutcome {
  readonly kind: 'applied';
  readonly revision: number;
  /** False: what was stored says the same. */
  readonly changed: boolean;
  readonly changes: ConfigurationChanges;
}

/** Rejects with `MessagingError` when the bucket is not reached. */
export async function applyConfiguration(bucket: Bucket, request: ApplyRequest): Promise<ApplyOutcome> {
  const checked = checkConfiguration(request.text, request.file, undefined, request.further);
  if (!checked.ok) return { kind: 'refused', mistakes: checked.mistakes };
  return storeConfiguration(bucket, checked.input, request);
}

/** As `applyConfiguration`, of what was checked already. */
export async function storeConfiguration(
  bucket: Bucket,
  input: ConfigurationInput,
  { fileHash, nowMs }: Pick<ApplyRequest, 'fileHash' | 'nowMs'>,
): Promise<ApplyOutcome> {
  const present = await readManifest(bucket);
  const hash = hashOf(input);
  const changed = present?.manifest.hash !== hash;
  const sameFile = fileHash === undefined || fileHash === present?.manifest.fileHash;
  if (!changed && sameFile && present !== undefined) {
    const { keys } = present.manifest;
    return {
      kind: 'applied',
      revision: present.revision,
      changed: false,
      changes: compareManifests(keys, keys),
    };
  }
  const keys = await writeEntries(bucket, input, present?.manifest);
  const remembered = fileHash ?? present?.manifest.fileHash;
  const manifest: Manifest = {
    hash,
    ...(remembered === undefined ? {} : { fileHash: remembered }),
    atMs: Math.floor(nowMs),
    keys,
  };
  const outcome = await writeManifest(bucket, manifest, present?.revision);
  if (outcome.kind === 'conflict') return outcome;
  await deleteUnnamed(bucket, present?.manifest, keys);
  const changes = compareManifests(present?.manifest.keys ?? {}, keys);
  return { kind: 'applied', revision: outcome.revision, changed, changes };
}

export interface PresentManifest {
  readonly manifest: Manifest;
  readonly revision: number;
}

/** Undefined before the first apply, or when what is there cannot be understood: then it may be overwritten. */
export async function readManifest(bucket: Bucket): Promise<PresentManifest | undefined> {
  const entry = await bucket.get(MANIFEST_KEY);
  if (entry === undefined) return undefined;
  const decoded = decodeJson(manifestSchema, entry.value);
  const unreadable: Manifest = { hash: '', atMs: 0, keys: {} };
  return { manifest: decoded.ok ? decoded.value : unreadable, revision: entry.revision };
}

/** SHA-256 of what is stored of it: empty sections and the order of keys make no difference. */
export function hashOf(input: ConfigurationInput): string {
  return sha256(canonicalJson(assembleConfiguration(configurationEntries(input))));
}

/**
 * Writes what differs from what the manifest names, and returns the revision of every key. What an earlier attempt wrote
 * already is not written again: a bucket keeps so many revisions of a key, and the one in force must stay.
 */
export async function writeEntries(
  bucket: Pick<Bucket, 'get' | 'put'>,
  input: ConfigurationInput,
  present: Manifest | undefined,
): Promise<Record<string, number>> {
  const keys: Record<string, number> = {};
  for (const [key, value] of configurationEntries(input)) {
    const octets = encodeJson(value);
    const revision = present?.keys[key];
    keys[key] =
      (revision === undefined ? undefined : await storedAt(bucket, key, octets, revision)) ??
      (await storedAt(bucket, key, octets)) ??
      (await bucket.put(key, octets));
  }
  return keys;
}

/** The revision, without one the last, if it has these octets. */
async function storedAt(
  bucket: Pick<Bucket, 'get'>,
  key: string,
  octets: Uint8Array,
  revision?: number,
): Promise<number | undefined> {
  const stored = await bucket.get(key, revision);
  return stored !== undefined && Buffer.compare(stored.value, octets) === 0 ? stored.revision : undefined;
}

async function writeManifest(
  bucket: Bucket,
  manifest: Manifest,
  revision: number | undefined,
): Promise<{ kind: 'written'; revision: number } | { kind: 'conflict' }> {
  const octets = encodeJson(manifest);
  return revision === undefined
    ? bucket.create(MANIFEST_KEY, octets)
    : bucket.update(MANIFEST_KEY, octets, revision);
}

/** For tidiness alone: what no manifest names is no part of a configuration. Old revisions stay readable. */
export async function deleteUnnamed(
  bucket: Pick<Bucket, 'delete'>,
  before: Manifest | undefined,
  after: Manifest['keys'],
): Promise<void> {
  for (const key of Object.keys(before?.keys ?? {})) {
    if (after[key] === undefined) await bucket.delete(key);
  }
}
