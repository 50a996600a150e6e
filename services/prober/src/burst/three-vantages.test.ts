/**
 * Three whole probers in three vantages over libs/memory, a fake clock and a scripted target: how soon a failure is
 * confirmed everywhere, and what does not disturb anybody.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { decodeEvent } from '@signpost/contracts/cloud-event';
import { encodeJson } from '@signpost/contracts/decode';
import type { HealthState } from '@signpost/contracts/health';
import { healthReported } from '@signpost/contracts/health-report';
import { assignmentKey, type Assignment } from '@signpost/contracts/probe-assignment';
import { buckets, patterns, streams } from '@signpost/contracts/subjects';
import { createMemoryServer } from '@signpost/memory/messaging';
import { startTelemetry } from '@signpost/telemetry/telemetry';
import { fakeClock } from '@signpost/testkit/fake-clock';

import type { ProbeResult } from '../probe/probe-result.ts';
import { runProber } from '../run-prober.ts';

const VANTAGES = ['ap', 'eu', 'us'];

/** How the target treats the n-th request, from 1, that reaches it at this time since the start. */
type Script = (request: number, atMs: number) => { readonly passes: boolean; readonly tookMs: number };

interface Seen {
  readonly vantage: string;
  readonly state: HealthState;
  readonly atMs: number;
}

async function startVantages(open: AsyncDisposableStack, changes: Partial<Assignment>, script: Script) {
  const startMs = Date.UTC(2026, 0, 1);
  const clock = fakeClock(startMs);
  const server = createMemoryServer({ now: () => clock.now() });
  const controller = open.use(server.connect());
  const telemetry = open.use(
    await startTelemetry({ service: 'signpost-test', version: '0', env: { LOG_LEVEL: 'silent' } }),
  );
  const stop = new AbortController();
  const bucket = await controller.bucket(buckets.probes, { create: true, signal: stop.signal });
  const stream = await controller.stream(streams.health, { create: true, signal: stop.signal });
  const seen: Seen[] = [];
  const probes: { vantage: string; atMs: number; passes: boolean }[] = [];
  let asked = 0;
  await stream.follow({
    pattern: patterns.healthReports,
    from: 'last-per-subject',
    listener: ({ data }) => {
      const event = decodeEvent(healthReported, data);
      assert.ok(event.ok);
      const { vantage, families } = event.value.data;
      seen.push({ vantage, state: families.ipv4!.state, atMs: clock.monotonic() });
    },
  });
  controller.core.subscribe(patterns.probesNow, () => void (asked += 1));
  const probeFrom =
    (vantage: string) =>
    async (_request: unknown, gone: AbortSignal): Promise<ProbeResult> => {
      const { passes, tookMs } = script(probes.length + 1, clock.monotonic());
      probes.push({ vantage, atMs: clock.monotonic(), passes });
      await clock.sleep(tookMs, gone).catch(() => {});
      return passes
        ? { kind: 'pass', roundTripMs: tookMs, phases: {} }
        : { kind: 'fail', reason: 'connection refused' };
    };
  for (const [i, vantage] of VANTAGES.entries()) {
    const ended = runProber({
      messaging: open.use(server.connect()),
      vantage,
      prober: 'p',
      clock,
      metrics: telemetry.metrics,
      tracer: telemetry.tracer,
      logger: telemetry.logger,
      signal: stop.signal,
      limits: { total: 100, perHost: 100 },
      version: '0',
      probe: probeFrom(vantage),
    });
    open.defer(async () => {
      stop.abort();
      await ended;
    });
    const assignments = [{ ...ASSIGNMENT, phase: i / VANTAGES.length, ...changes }];
    await bucket.put(assignmentKey(vantage, 0), encodeJson({ vantage, shard: 0, assignments }));
  }
  return { clock, seen, probes, asked: () => asked };
}

/** The defaults of the configuration. */
const ASSIGNMENT: Assignment = {
  monitor: 'site',
  target: 'a',
  probe: { type: 'tcp' },
  checks: [{ families: ['ipv4'], address: '192.0.2.1', port: 80 }],
  intervalMs: 10_000,
  timeoutMs: 3_000,
  rise: 3,
  fall: 2,
  burst: { spacingMs: 300 },
  phase: 0,
};

const PASS = { passes: true, tookMs: 5 };
const REFUSED = { passes: false, tookMs: 1 };
const BLACK_HOLE = { passes: false, tookMs: ASSIGNMENT.timeoutMs };
const DIES_AT_MS = 65_432;

/** From the end of the first failed probe to the last vantage that says down. */
async function confirmationMs(changes: Partial<Assignment>, dead: typeof REFUSED): Promise<number> {
  await using open = new AsyncDisposableStack();
  const run = await startVantages(open, changes, (_n, atMs) => (atMs < DIES_AT_MS ? PASS : dead));
  await run.clock.advance(DIES_AT_MS + 2 * (changes.intervalMs ?? ASSIGNMENT.intervalMs) + 10_000);
  const first = run.probes.find(({ atMs }) => atMs >= DIES_AT_MS)!;
  const down = VANTAGES.map((vantage) => run.seen.find((s) => s.vantage === vantage && s.state === 'down'));
  for (const seen of down) assert.ok(seen !== undefined, 'every vantage sees it down');
  return Math.max(...down.map((seen) => seen!.atMs)) - (first.atMs + dead.tookMs);
}

describe('a failure is confirmed by all vantages', () => {
  for (const [intervalMs, fall] of [
    [1_000, 2],
    [10_000, 1],
    [10_000, 2],
    [10_000, 4],
    [60_000, 3],
    [600_000, 4],
  ] as const) {
    const changes = { intervalMs, fall, timeoutMs: Math.min(ASSIGNMENT.timeoutMs, intervalMs / 2) };
    test(`a refused one within a second, interval ${intervalMs} ms, fall ${fall}`, async () => {
      const tookMs = await confirmationMs(changes, REFUSED);
      assert.ok(tookMs <= 1_000, `${tookMs} ms`);
    });

    test(`a black hole within a timeout and a second, interval ${intervalMs} ms, fall ${fall}`, async () => {
      const tookMs = await confirmationMs(changes, { ...BLACK_HOLE, tookMs: changes.timeoutMs });
      assert.ok(tookMs <= changes.timeoutMs + 1_000, `${tookMs} ms`);
    });
  }

  test('without bursts it takes as many probes as are due', async () => {
    await using open = new AsyncDisposableStack();
    const dies = (_n: number, atMs: number) => (atMs < DIES_AT_MS ? PASS : REFUSED);
    const run = await startVantages(open, { burst: undefined }, dies);
    await run.clock.advance(DIES_AT_MS + 30_000);
    const [first, second] = run.probes.filter(
      ({ atMs, passes, vantage }) => !passes && vantage === 'ap' && atMs > 0,
    );
    assert.ok(second!.atMs - first!.atMs > 9_000);
    assert.equal(run.asked(), 0);
  });

  test('one failure asks once, and costs each vantage no more probes than it takes', async () => {
    await using open = new AsyncDisposableStack();
    const dies = (_n: number, atMs: number) => (atMs < DIES_AT_MS ? PASS : REFUSED);
    const run = await startVantages(open, { fall: 4 }, dies);
    await run.clock.advance(DIES_AT_MS + 5_000);
    assert.equal(run.asked(), 1);
    const after = run.probes.filter(({ atMs, passes }) => !passes && atMs < DIES_AT_MS + 4_900);
    for (const vantage of VANTAGES) {
      const count = after.filter((probe) => probe.vantage === vantage).length;
      assert.ok(count === 4 || count === 5, `${vantage} probed ${count} times`); // one may have been due anyhow
    }
  });
});

describe('what passes again is left alone', () => {
  for (const tookMs of [0, 5, 120, 450, 1_700, 2_900]) {
    test(`a target that fails each fifth request is never down in ten minutes, answering in ${tookMs} ms`, async () => {
      await using open = new AsyncDisposableStack();
      const fifth = (request: number) => ({ passes: request % 5 !== 0, tookMs });
      const run = await startVantages(open, {}, fifth);
      await run.clock.advance(600_000);
      const failed = run.probes.filter(({ passes }) => !passes).length;
      assert.ok(failed >= 36, `only ${failed} of ${run.probes.length} requests failed`);
      assert.ok(run.seen.some(({ state }) => state === 'suspect'));
      assert.deepEqual(
        run.seen.filter(({ state }) => state === 'down'),
        [],
      );
      // 180 were due, and each failure may cost each vantage a burst, which mostly is one probe.
      assert.ok(run.probes.length < 180 * 4, `${run.probes.length} probes`);
    });
  }

  test('vantages that see a target flap do not drive each other', async () => {
    await using open = new AsyncDisposableStack();
    let state = 7;
    const chance = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const run = await startVantages(open, { fall: 4 }, () => ({ passes: chance() > 0.5, tookMs: 400 }));
    await run.clock.advance(600_000);
    // At most a burst of `fall` each five seconds per vantage when asked, as many again of its own, and what is due.
    const bound = VANTAGES.length * (600 / 5) * 4 * 2 + 180;
    assert.ok(run.probes.length < bound, `${run.probes.length} probes, at most ${bound}`);
  });
});
