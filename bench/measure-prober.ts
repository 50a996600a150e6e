/**
 * One prober as its users run it, over a real nats-server, with many monitors of one kind: what a probe costs and
 * how late probes begin, in steady state and at the start, while somebody scrapes its metrics.
 */
import { setTimeout as wait } from 'node:timers/promises';

import { encodeJson } from '@signpost/contracts/decode';
import type { Messaging } from '@signpost/contracts/messaging';
import { assignmentKey, ASSIGNMENTS_PER_SHARD, type Assignment } from '@signpost/contracts/probe-assignment';
import { buckets, patterns, streams, subjects } from '@signpost/contracts/subjects';
import { connectMessaging } from '@signpost/nats/messaging';
import { startGuardedProcess } from '@signpost/testkit/guarded-process';
import { startNats } from '@signpost/testkit/start-nats';

import { counterOf, histogramOf, minus, type Histogram } from './histogram.ts';
import { usageOf } from './process-usage.ts';

export interface ProberRun {
  readonly assignments: readonly Assignment[];
  /** Long enough for the first probes of all. */
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface ProberMeasures {
  readonly seconds: number;
  readonly passed: number;
  readonly notPassed: number;
  readonly cpuMs: number;
  readonly residentMiB: number;
  /** Seconds. */
  readonly lateness: Histogram;
  readonly latenessAtStart: Histogram;
  /** While all reports were told again, as after NATS or the controller was away. */
  readonly latenessOfResend: Histogram;
  /** The longest that nobody heard a heartbeat meanwhile, milliseconds. */
  readonly longestSilenceMs: number;
}

const SCRAPE_EVERY_MS = 5_000;
/** Long enough for ten thousand reports on their way to NATS and back. */
const RESEND_MS = 5_000;

export async function measureProber({
  assignments,
  warmUpMs,
  measureMs,
}: ProberRun): Promise<ProberMeasures> {
  await using open = new AsyncDisposableStack();
  const nats = open.use(await startNats({ jetstream: true }));
  const { signal } = new AbortController();
  const messaging = open.use(await connectMessaging({ url: nats.url, name: 'bench', signal }));
  await messaging.stream(streams.health, { create: true, signal });
  const bucket = await messaging.bucket(buckets.probes, { create: true, signal });
  for (let shard = 0; shard * ASSIGNMENTS_PER_SHARD < assignments.length; shard += 1) {
    const part = assignments.slice(shard * ASSIGNMENTS_PER_SHARD, (shard + 1) * ASSIGNMENTS_PER_SHARD);
    await bucket.put(
      assignmentKey('local', shard),
      encodeJson({ vantage: 'local', shard, assignments: part }),
    );
  }
  const flags = process.env['BENCH_PROBER_FLAGS']?.split(' ') ?? [];
  const prober = await startGuardedProcess(process.execPath, [...flags, 'services/prober/src/main.ts'], {
    env: {
      PATH: process.env['PATH'],
      SIGNPOST_NATS_URL: nats.url,
      SIGNPOST_PROBER: 'bench',
      SIGNPOST_ADMIN_LISTEN: '127.0.0.1:0',
    },
  });
  open.defer(() => prober.stop().then(() => {}));
  const [, admin] = await prober.waitForLine(/"admin":"([^"]+)"/);
  const scrape = async () => (await fetch(`http://${admin}/metrics`)).text();
  const scrapeFor = async (ms: number) => {
    const untilMs = performance.now() + ms;
    while (performance.now() < untilMs) {
      await wait(Math.min(SCRAPE_EVERY_MS, untilMs - performance.now()));
      await scrape();
    }
  };
  await scrapeFor(warmUpMs);
  const before = { text: await scrape(), usage: usageOf(prober.pid), atMs: performance.now() };
  await scrapeFor(measureMs);
  const after = { text: await scrape(), usage: usageOf(prober.pid), atMs: performance.now() };
  const silence = longestSilence(messaging);
  await messaging.core.request(subjects.proberResend('local', 'bench'), new Uint8Array(), 5_000);
  await wait(RESEND_MS);
  const resent = await scrape();
  const passed = (text: string) => counterOf(text, 'signpost_probes_total', 'result="pass"');
  const all = (text: string) => counterOf(text, 'signpost_probes_total');
  const lateness = (text: string) => histogramOf(text, 'signpost_probe_lateness_seconds');
  const passes = passed(after.text) - passed(before.text);
  return {
    seconds: (after.atMs - before.atMs) / 1_000,
    passed: passes,
    notPassed: all(after.text) - all(before.text) - passes,
    cpuMs: after.usage.cpuMs - before.usage.cpuMs,
    residentMiB: after.usage.residentMiB,
    lateness: minus(lateness(after.text), lateness(before.text)),
    latenessAtStart: lateness(before.text),
    latenessOfResend: minus(lateness(resent), lateness(after.text)),
    longestSilenceMs: silence(),
  };
}

/** Listens for heartbeats from now on; returns what to ask for the longest time without. */
function longestSilence(messaging: Messaging): () => number {
  let [heardMs, longestMs] = [performance.now(), 0];
  messaging.core.subscribe(patterns.proberHeartbeats, () => {
    longestMs = Math.max(longestMs, performance.now() - heardMs);
    heardMs = performance.now();
  });
  return () => Math.max(longestMs, performance.now() - heardMs);
}
