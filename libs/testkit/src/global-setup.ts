/**
 * For `node --test --test-global-setup=libs/testkit/src/global-setup.ts`:
 * compiles the addon for UDP if `npm ci` did not, and gets the test servers, and the tools that tests compare with, once,
 * before test files run.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { batchedIsMissing } from '@signpost/udp/udp-layer';

import { findDebianTools } from './find-debian-tools.ts';
import { serverSource } from './server-source.ts';
import { repositoryRoot } from './start-process.ts';

/** Binary -> Debian package. A test that misses one says so itself, or skips. */
const COMPARED_WITH = {
  nsd: 'nsd',
  knotd: 'knot',
  named: 'bind9',
  'named-checkzone': 'bind9-utils',
  unbound: 'unbound',
  pdns_recursor: 'pdns-recursor',
  kresd: 'knot-resolver',
  dig: 'bind9-dnsutils',
  kdig: 'knot-dnsutils',
  drill: 'ldnsutils',
  dnsdist: 'dnsdist',
} as const;

export async function globalSetup(): Promise<void> {
  buildAddon();
  await serverSource('nats-server');
  await serverSource('redis-server');
  try {
    await findDebianTools(COMPARED_WITH);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`cannot install what tests compare with: ${reason}\n`);
  }
}

/** What is in the way is told by the script; tests of the addon are then skipped. */
function buildAddon(): void {
  if (batchedIsMissing() === undefined) return;
  spawnSync(process.execPath, [join(repositoryRoot, 'libs/udp/native/build.js')], { stdio: 'inherit' });
}
