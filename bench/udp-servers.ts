/** What `udp.bench.ts` measures: the authority over each UDP layer, and the floor; each a process on one core. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from '@signpost/testkit/free-port';
import { type GuardedProcess, startGuardedProcess } from '@signpost/testkit/guarded-process';
import { batchedIsMissing } from '@signpost/udp/udp-layer';

export interface MeasuredServer {
  readonly name: 'echo' | 'batched' | 'dgram';
  readonly port: number;
  readonly pid: number;
}

/** Names `n0.bench.test` and so on, which udp-load asks for. */
export const NAMES = 10_000;

/** All end with `open`. Throws where something needed is missing. */
export async function startServers(
  open: AsyncDisposableStack,
  core: number,
  workers: number,
): Promise<MeasuredServer[]> {
  const missing = batchedIsMissing();
  if (missing !== undefined) throw new Error(`there is nothing to compare, UDP in batches: ${missing}`);
  const directory = mkdtempSync(join(tmpdir(), 'signpost-bench-udp-'));
  open.defer(() => rmSync(directory, { recursive: true, force: true }));
  const zone = join(directory, 'bench.test.zone');
  writeFileSync(zone, zoneText());
  const pinned = async (...command: string[]): Promise<GuardedProcess> => {
    const started = await startGuardedProcess('taskset', ['-c', String(core), ...command]);
    open.defer(() => started.stop().then(() => {}));
    return started;
  };
  const servers: MeasuredServer[] = [];
  const echo = compileProgram('udp-echo', directory);
  const port = await freePort();
  const floor = await pinned(echo, String(port));
  await floor.waitForLine(/^ready$/);
  servers.push({ name: 'echo', port, pid: floor.pid });
  for (const name of ['batched', 'dgram'] as const) {
    const options = { udp: name, zone: `bench.test=${zone}`, workers: String(workers) };
    const listens = { 'dns-listen': '127.0.0.1:0', 'admin-listen': '127.0.0.1:0' };
    const flags = Object.entries({ ...options, ...listens }).flatMap(([flag, value]) => [`--${flag}`, value]);
    const authority = await pinned(process.execPath, 'cli/bin/signpost.js', 'authority', ...flags);
    const [, dns] = await authority.waitForLine(/"listens":\["127\.0\.0\.1:(\d+)"/, 30_000);
    servers.push({ name, port: Number(dns), pid: authority.pid });
  }
  return servers;
}

/** From `bench/native`, with the compiler that compiled the addon. */
export function compileProgram(name: string, directory: string): string {
  const output = join(directory, name);
  const flags = ['-std=c11', '-D_GNU_SOURCE', '-O2', '-o', output, `bench/native/${name}.c`];
  const { status, stderr, error } = spawnSync('cc', flags, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cc does not compile ${name}: ${error?.message ?? stderr}`);
  return output;
}

function zoneText(): string {
  const hosts = Array.from({ length: NAMES }, (_, i) => `n${i} 60 A 192.0.2.${i % 256}`);
  return [
    '$ORIGIN bench.test.',
    '@ 60 SOA ns host 1 3600 600 604800 60',
    '@ 60 NS ns',
    'ns 60 A 192.0.2.53',
    ...hosts,
    '',
  ].join('\n');
}
