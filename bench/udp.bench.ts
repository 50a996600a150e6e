/**
 * What UDP costs: CPU time per query of the authority over each UDP layer, beside a C program that only sends datagrams
 * back, in interleaved rounds on one core. Method and noise: README.md.
 * `npm run bench:udp [-- ROUNDS SECONDS WORKERS]`.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { endOnSignal } from './end-on-signal.ts';
import { cpuTimesOf } from './process-usage.ts';
import { compileProgram, type MeasuredServer, NAMES, startServers } from './udp-servers.ts';

const rounds = Number(process.argv[2] ?? 3);
const seconds = Number(process.argv[3] ?? 2);
const workers = Number(process.argv[4] ?? 1);
/** Servers are on one core and the load on another, where there are two. */
const SERVER_CORE = 0;
const LOAD_CORE = 1;
/** Queries under way at saturation. */
const WINDOW = 512;
/** Queries a second at which latency is measured. */
const LOW_RATE = 2_000;
/** Until a server has answered so many, or this long: V8 has compiled then what there is to compile. */
const WARM_UP_QUERIES = 400_000;
const WARM_UP_SECONDS = 20;
/** Whatever hangs, nothing is left running: what was started dies with this process. */
const LIMIT_MS = 180_000 + rounds * seconds * 20_000;

interface Round {
  /** Microseconds per query. */
  readonly user: number;
  readonly system: number;
  readonly perSecond: number;
}

interface Load {
  readonly sent: number;
  readonly received: number;
  readonly wrong: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p90: number;
}

await using open = new AsyncDisposableStack();
const limit = setTimeout(() => {
  console.error(`not done after ${LIMIT_MS / 1_000} s, given up`);
  process.exit(1);
}, LIMIT_MS);
open.defer(() => clearTimeout(limit));
endOnSignal(open);
const directory = mkdtempSync(join(tmpdir(), 'signpost-bench-load-'));
open.defer(() => rmSync(directory, { recursive: true, force: true }));
const loader = compileProgram('udp-load', directory);
const servers = await startServers(open, SERVER_CORE, workers);
console.log(
  `${rounds} rounds of ${seconds} s, ${workers} worker(s), load of the machine before: ${loadavg()[0]!.toFixed(1)}`,
);
for (const server of servers) await warmUp(server);
const measured = new Map(servers.map((server) => [server, [] as Round[]]));
const latencies = new Map(servers.map((server) => [server, [] as Load[]]));
for (let round = 0; round < rounds; round += 1) {
  for (const server of servers) {
    measured.get(server)!.push(await saturate(server));
    latencies.get(server)!.push(await load(server, seconds * 500, LOW_RATE));
  }
}
const [echo] = servers;
const floor = costOf(echo!);
for (const server of servers) {
  const all = measured.get(server)!;
  const cost = costOf(server);
  const low = latencies.get(server)!;
  console.log(
    [
      server.name.padEnd(8),
      `${cost.toFixed(2)} µs per query (user ${median(all.map(({ user }) => user)).toFixed(2)}, system ${median(all.map(({ system }) => system)).toFixed(2)})`,
      `${(cost / floor).toFixed(2)} of echo`,
      `${Math.round(median(all.map(({ perSecond }) => perSecond)))} queries/s`,
      `at ${LOW_RATE}/s p50 ${median(low.map(({ p50 }) => p50))} µs, p90 ${median(low.map(({ p90 }) => p90))} µs`,
    ].join('; '),
  );
}
const [, batched, dgram] = servers;
console.log(`dgram / batched: ${(costOf(dgram!) / costOf(batched!)).toFixed(2)}`);

async function warmUp(server: MeasuredServer): Promise<void> {
  let answered = 0;
  for (let i = 0; i < WARM_UP_SECONDS && answered < WARM_UP_QUERIES; i += 1) {
    answered += (await load(server, 1_000, 0)).received;
  }
}

async function saturate(server: MeasuredServer): Promise<Round> {
  const before = cpuTimesOf(server.pid);
  const { received, seconds: took } = await load(server, seconds * 1_000, 0);
  const after = cpuTimesOf(server.pid);
  return {
    user: ((after.userMs - before.userMs) * 1_000) / received,
    system: ((after.systemMs - before.systemMs) * 1_000) / received,
    perSecond: received / took,
  };
}

async function load({ name, port }: MeasuredServer, milliseconds: number, rate: number): Promise<Load> {
  const numbers = [port, milliseconds, WINDOW, rate, NAMES, name === 'echo' ? 1 : 0].map(String);
  const { stdout } = await promisify(execFile)('taskset', ['-c', String(LOAD_CORE), loader, ...numbers]);
  const result = JSON.parse(stdout) as Load;
  if (result.received === 0 || result.wrong > 0) throw new Error(`${name}: wrong answers: ${stdout}`);
  return result;
}

function costOf(server: MeasuredServer): number {
  return median(measured.get(server)!.map(({ user, system }) => user + system));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
