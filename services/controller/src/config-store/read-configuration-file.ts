/**
 * Reads a configuration file with the zone files that it names. What was read is known afterwards: by a hash over all
 * of it, and by a stamp of each file, so that a change of any of them is noticed without reading.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

import {
  type Check,
  checkConfiguration,
  type CheckedConfiguration,
} from '@signpost/config/check-configuration';

export interface ConfigurationFile {
  readonly text: string;
  readonly checked: CheckedConfiguration;
  /** SHA-256 of the text; where it names zone files, of theirs too, in the order in which they were read. */
  readonly hash: string;
  /** Path -> stamp, as it was before the file was read, so that one that changes meanwhile is read again. */
  readonly stamps: ReadonlyMap<string, string>;
}

/** Throws what says why the configuration file cannot be read; a zone file that cannot is a mistake in it. */
export function readConfigurationFile(path: string, further: readonly Check[] = []): ConfigurationFile {
  const stamps = new Map<string, string>();
  const read = (each: string): string => {
    if (!stamps.has(each)) stamps.set(each, stampOf(each));
    return readText(each);
  };
  const text = read(path);
  const hashes = [sha256(text)];
  const readPart = (each: string): string => {
    const part = read(each);
    hashes.push(sha256(part));
    return part;
  };
  const checked = checkConfiguration(text, path, readPart, further);
  return { text, checked, hash: hashes.length === 1 ? hashes[0]! : sha256(hashes.join('\n')), stamps };
}

/** Whether some file is not as it was. */
export function haveChanged(stamps: ReadonlyMap<string, string>): boolean {
  return [...stamps].some(([path, stamp]) => stampOf(path) !== stamp);
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A missing file is a version too. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino}:${size}:${mtimeMs}`;
  } catch {
    return 'missing';
  }
}

/** Above what `read-yaml.ts` takes, which tells it better; a file beyond is not even read. */
const MAX_OCTETS = 64_000_000;

function readText(path: string): string {
  const file = statSync(path);
  if (file.size > MAX_OCTETS)
    throw new Error(`${path} has ${file.size} octets, at most ${MAX_OCTETS} are read`);
  return readFileSync(path, 'utf8');
}
