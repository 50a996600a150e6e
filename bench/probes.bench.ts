/**
 * What health checks cost: 10,000 HTTP and 10,000 TCP monitors of one prober at 10 s, and the same probes by
 * prometheus-blackbox-exporter. Method and noise: README.md. `npm run bench:probes [-- MONITORS SECONDS]`.
 */
import type { Assignment } from '@signpost/contracts/probe-assignment';
import { freePort } from '@signpost/testkit/free-port';
import { startGuardedProcess } from '@signpost/testkit/guarded-process';

import { quantileBound, type Histogram } from './histogram.ts';
import { measureBlackboxExporter, type PeerMeasures } from './measure-blackbox-exporter.ts';
import { measureProber } from './measure-prober.ts';

const monitors = Number(process.argv[2] ?? 10_000);
const measureMs = Number(process.argv[3] ?? 20) * 1_000;
const INTERVAL_MS = 10_000;
/** So many monitors share an address, as services share hosts. */
const MONITORS_PER_ADDRESS = 40;

/** Whatever hangs, nothing is left running: what was started dies with this process. */
const LIMIT_MS = 4 * (measureMs + 60_000);
setTimeout(() => {
  console.error(`not done after ${LIMIT_MS / 1_000} s, given up`);
  process.exit(1);
}, LIMIT_MS).unref();

await using open = new AsyncDisposableStack();
const addresses = Array.from({ length: Math.ceil(monitors / MONITORS_PER_ADDRESS) }, (_, i) => {
  return `127.${1 + (i >> 8)}.${i & 255}.1`;
});
const ports = { http: await freePort(), tcp: await freePort() };
const targets = await startGuardedProcess(process.execPath, [
  'bench/probe-targets.ts',
  ...[ports.http, ports.tcp].map(String),
  ...addresses,
]);
open.defer(() => targets.stop().then(() => {}));
await targets.waitForLine(/^ready$/);

console.log(`${monitors} monitors each ${INTERVAL_MS / 1_000} s, measured for ${measureMs / 1_000} s`);
for (const kind of ['http', 'tcp'] as const) {
  const assignments = Array.from({ length: monitors }, (_, i) => assignment(kind, i));
  const ours = await measureProber({ assignments, warmUpMs: INTERVAL_MS + 5_000, measureMs });
  print(`${kind}, prober`, ours);
  console.log(`  late by    ${lateness(ours.lateness)}`);
  console.log(`  at start   ${lateness(ours.latenessAtStart)}`);
  const silence = `${ours.longestSilenceMs.toFixed(0)} ms without a heartbeat at the longest`;
  console.log(`  resending  ${lateness(ours.latenessOfResend)}, ${silence}`);
  const places = addresses.map((address) => `${address}:${ports[kind]}`);
  const perSecond = Math.min(500, (monitors / INTERVAL_MS) * 1_000);
  const peer = await measureBlackboxExporter(kind, places, {
    perSecond,
    warmUpMs: 2_000,
    measureMs: measureMs / 2,
  });
  if (peer === undefined) {
    console.log('no prometheus-blackbox-exporter here: install the Debian package of that name to compare');
    continue;
  }
  print(`${kind}, prometheus-blackbox-exporter`, peer);
  const ratio = peer.cpuMs / peer.passed / (ours.cpuMs / ours.passed);
  console.log(`  CPU of a probe there / here: ${ratio.toFixed(2)}`);
}

function assignment(kind: 'http' | 'tcp', i: number): Assignment {
  const address = addresses[i % addresses.length]!;
  return {
    monitor: `monitor-${i % 100}`,
    target: `target-${i}`,
    probe:
      kind === 'tcp'
        ? { type: 'tcp' }
        : {
            type: 'http',
            scheme: 'http',
            method: 'GET',
            host: `service-${i}.example.net`,
            path: '/',
            headers: {},
            expect: { status: [200], header: {} },
          },
    checks: [{ families: ['ipv4'], address, port: ports[kind] }],
    intervalMs: INTERVAL_MS,
    timeoutMs: 3_000,
    rise: 3,
    fall: 2,
    burst: { spacingMs: 300 },
    // Spread like a hash does it, which is no even spread.
    phase: (Math.imul(i + 1, 0x9e3779b1) >>> 0) / 2 ** 32,
  };
}

function print(title: string, measures: PeerMeasures): void {
  const { passed, notPassed, seconds, cpuMs, residentMiB } = measures;
  const cores = cpuMs / 1_000 / seconds;
  console.log(title);
  console.log(
    `  probes/s   ${(passed / seconds).toFixed(0)} passed, ${notPassed} in all not passed or skipped`,
  );
  console.log(
    `  CPU        ${(cores * 100).toFixed(0)} % of a core, ${((cpuMs / passed) * 1_000).toFixed(0)} us a probe, ` +
      `${(passed / (cpuMs / 1_000)).toFixed(0)} probes/s per core`,
  );
  console.log(`  memory     ${residentMiB.toFixed(0)} MiB resident`);
}

function lateness(histogram: Histogram): string {
  const bound = (part: number) => `${quantileBound(histogram, part) * 1_000} ms`;
  return `p50 <= ${bound(0.5)}, p99 <= ${bound(0.99)}, max <= ${bound(1)}`;
}
