/**
 * Installs Debian packages once per machine: test files run in parallel, and
 * two apt-get at once fail. A lock directory lets one work while others wait.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const lockDir = join(tmpdir(), 'signpost-test-servers.lock');
const installLimitMs = 300_000;

export function mayInstallDebianPackages(): boolean {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/** Returns when `isInstalled` holds, by our work or another's. Throws what apt-get said. */
export async function installDebianPackages(
  packages: readonly string[],
  isInstalled: () => boolean,
): Promise<void> {
  const giveUpAt = performance.now() + installLimitMs;
  while (!(await takeLock())) {
    if (isInstalled()) return;
    if (performance.now() > giveUpAt)
      throw new Error(`waited ${installLimitMs} ms for ${lockDir}; remove it`);
    await wait(100);
  }
  try {
    if (!isInstalled()) await aptGet(packages);
  } finally {
    await rm(lockDir, { recursive: true, force: true });
  }
}

async function takeLock(): Promise<boolean> {
  try {
    await mkdir(lockDir);
    return true;
  } catch {
    const since = await stat(lockDir).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    );
    // Its owner must have died: apt-get has a time limit below this.
    if (Date.now() - since > installLimitMs) await rm(lockDir, { recursive: true, force: true });
    return false;
  }
}

async function aptGet(packages: readonly string[]): Promise<void> {
  // RUNLEVEL=1 keeps the packages from starting their services on the default ports.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const options = { env, timeout: installLimitMs / 2 };
  await run('apt-get', ['update', '-q'], options);
  await run('apt-get', ['install', '-qy', '--no-install-recommends', ...packages], options);
}
