/**
 * For `node --test --test-global-setup=libs/testkit/src/global-setup.ts`:
 * gets the test servers, and the tools that tests compare with, once, before test files run.
 */
import { findDebianTools } from './find-debian-tools.ts';
import { serverSource } from './server-source.ts';

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
  await serverSource('nats-server');
  await serverSource('redis-server');
  try {
    await findDebianTools(COMPARED_WITH);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`cannot install what tests compare with: ${reason}\n`);
  }
}
