/**
 * Debian's prometheus-blackbox-exporter over the same targets: what a probe costs there, asked for as Prometheus
 * does, over kept-alive connections at a bounded rate. Undefined where it is not installed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { findDebianTool } from '@signpost/testkit/find-debian-tool';
import { freePort } from '@signpost/testkit/free-port';
import { startGuardedProcess } from '@signpost/testkit/guarded-process';

import { usageOf } from './process-usage.ts';

export interface PeerMeasures {
  readonly seconds: number;
  readonly passed: number;
  readonly notPassed: number;
  readonly cpuMs: number;
  readonly residentMiB: number;
}

const CONFIGURATION = `modules:
  http: { prober: http, timeout: 3s, http: { method: GET, preferred_ip_protocol: ip4 } }
  tcp: { prober: tcp, timeout: 3s, tcp: { preferred_ip_protocol: ip4 } }
`;
/** How often a batch is sent. */
const TICK_MS = 10;

export async function measureBlackboxExporter(
  kind: 'http' | 'tcp',
  places: readonly string[],
  { perSecond, warmUpMs, measureMs }: { perSecond: number; warmUpMs: number; measureMs: number },
): Promise<PeerMeasures | undefined> {
  const binary = await findDebianTool('prometheus-blackbox-exporter', 'prometheus-blackbox-exporter');
  if (binary === undefined) return undefined;
  await using open = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'signpost-bench-'));
  open.defer(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'blackbox.yml'), CONFIGURATION);
  const port = await freePort();
  const peer = await startGuardedProcess(binary, [
    `--config.file=${directory}/blackbox.yml`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ]);
  open.defer(() => peer.stop().then(() => {}));
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  open.defer(() => agent.destroy());
  const counts = { passed: 0, notPassed: 0, sent: 0 };
  const probe = () => {
    const place = places[counts.sent++ % places.length]!;
    const target = kind === 'http' ? `http://${place}/` : place;
    const path = `/probe?module=${kind}&target=${encodeURIComponent(target)}`;
    get({ agent, host: '127.0.0.1', port, path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => (counts[/^probe_success 1$/m.test(text) ? 'passed' : 'notPassed'] += 1));
    }).on('error', () => (counts.notPassed += 1));
  };
  const probeFor = async (ms: number) => {
    const startMs = performance.now();
    let sent = 0;
    for (let nowMs = startMs; nowMs < startMs + ms; nowMs = performance.now()) {
      for (; sent < ((nowMs - startMs) / 1_000) * perSecond; sent += 1) probe();
      await wait(TICK_MS);
    }
  };
  await wait(500); // it listens within milliseconds, and says so nowhere
  await probeFor(warmUpMs);
  const before = { ...counts, ...usageOf(peer.pid), atMs: performance.now() };
  await probeFor(measureMs);
  const after = { ...counts, ...usageOf(peer.pid), atMs: performance.now() };
  return {
    seconds: (after.atMs - before.atMs) / 1_000,
    passed: after.passed - before.passed,
    notPassed: after.notPassed - before.notPassed,
    cpuMs: after.cpuMs - before.cpuMs,
    residentMiB: after.residentMiB,
  };
}
