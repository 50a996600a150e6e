/**
 * Looks at the certificate's files now and then, and gives a new pair to the workers. Files that are still being
 * replaced are left alone until they stay the same from one look to the next; a pair that is no good is told once and
 * changes nothing.
 */
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';

import type { Clock } from '@signpost/lifecycle/clock';

import {
  type CertificateFiles,
  type CertificateProblem,
  readCertificate,
  type ReadCertificate,
} from './read-certificate.ts';

export interface FollowCertificateOptions {
  readonly files: CertificateFiles;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** @default 10_000 */
  readonly pollMs?: number;
  readonly onRenewed: (certificate: ReadCertificate) => Promise<void>;
  readonly onRefused: (problem: CertificateProblem) => void;
}

const POLL_MS = 10_000;

/** Until the signal aborts. Rejects when `onRenewed` does. `served` is what the workers have. */
export async function followCertificate(
  served: ReadCertificate,
  { files, clock, signal, pollMs = POLL_MS, onRenewed, onRefused }: FollowCertificateOptions,
): Promise<void> {
  let { chain, key } = served;
  /** The version of the files dealt with last, and the one seen last. None is dealt with yet: they may have changed. */
  let done = '';
  let seen = '';
  while (!signal.aborted) {
    await clock.sleep(pollMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    const stamp = `${await stampOf(files.cert)} ${await stampOf(files.key)}`;
    const isSettled = stamp === seen;
    seen = stamp;
    if (!isSettled || stamp === done) continue;
    done = stamp;
    const read = readCertificate(files, readText);
    if (read.kind === 'problem') {
      onRefused(read);
    } else if (read.chain !== chain || read.key !== key) {
      ({ chain, key } = read);
      await onRenewed(read);
    }
  }
}

/** A missing file is a version too, so that its loss is told once. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino}:${size}:${mtimeMs}`;
  } catch {
    return 'missing';
  }
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
