/**
 * The whole prober over libs/memory and real targets: assignments go in, reports and heartbeats come out.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { decodeEvent } from '@signpost/contracts/cloud-event';
import { encodeJson } from '@signpost/contracts/decode';
import { healthReported, type HealthReport } from '@signpost/contracts/health-report';
import { proberBeat, reportDigest, type ProberHeartbeat } from '@signpost/contracts/heartbeats';
import type { Bucket, StoredMessage } from '@signpost/contracts/messaging';
import type { Assignment } from '@signpost/contracts/probe-assignment';
import { assignmentKey } from '@signpost/contracts/probe-assignment';
import { buckets, patterns, streams, subjects } from '@signpost/contracts/subjects';
import { systemClock } from '@signpost/lifecycle/clock';
import { createMemoryServer } from '@signpost/memory/messaging';
import { startTelemetry } from '@signpost/telemetry/telemetry';
import { eventually } from '@signpost/testkit/eventually';
import { startTarget, type TestTarget } from '@signpost/testkit/start-target';
import { makeTestCertificates } from '@signpost/testkit/test-certificates';

import { type ProberOptions, runProber } from './run-prober.ts';

const INTERVAL_MS = 100;

function assignment(name: string, target: TestTarget, changes: Partial<Assignment> = {}): Assignment {
  return {
    monitor: 'site',
    target: name,
    probe: {
      type: 'http',
      scheme: 'http',
      method: 'GET',
      host: 'go.example.net',
      path: '/',
      headers: {},
      expect: { status: [200], header: {} },
    },
    checks: [{ families: ['ipv4'], address: target.host, port: target.port }],
    intervalMs: INTERVAL_MS,
    timeoutMs: 2_000,
    rise: 1,
    fall: 1,
    phase: 0,
    ...changes,
  };
}

/** A prober in the vantage `eu`, and a controller's ears. `bucket: false`: no controller was there before it. */
async function startProber(
  open: AsyncDisposableStack,
  { stores = true, ...changes }: { stores?: boolean } & Partial<Pick<ProberOptions, 'logger' | 'probe'>> = {},
) {
  const server = createMemoryServer();
  const controller = open.use(server.connect());
  const messaging = open.use(server.connect());
  const telemetry = open.use(
    await startTelemetry({ service: 'signpost-test', version: '0', env: { LOG_LEVEL: 'silent' } }),
  );
  const stop = new AbortController();
  const forever = new AbortController().signal;
  const reports: HealthReport[] = [];
  const messages: StoredMessage[] = [];
  const beats: ProberHeartbeat[] = [];
  let isReady = false;
  const makeStores = async (): Promise<Bucket> => {
    const stream = await controller.stream(streams.health, { create: true, signal: forever });
    await stream.follow({
      pattern: patterns.healthReports,
      from: 'last-per-subject',
      listener: (message) => {
        const event = decodeEvent(healthReported, message.data);
        assert.ok(event.ok);
        reports.push(event.value.data);
        messages.push(message);
      },
    });
    return controller.bucket(buckets.probes, { create: true, signal: forever });
  };
  let bucket = stores ? await makeStores() : undefined;
  controller.core.subscribe(patterns.proberHeartbeats, ({ data }) => {
    const event = decodeEvent(proberBeat, data);
    assert.ok(event.ok);
    beats.push(event.value.data);
  });
  const ended = runProber({
    messaging,
    vantage: 'eu',
    prober: 'p1',
    clock: systemClock,
    metrics: telemetry.metrics,
    tracer: telemetry.tracer,
    logger: telemetry.logger,
    signal: stop.signal,
    limits: { total: 100, perHost: 100 },
    version: '1.2.3',
    onReady: () => {
      isReady = true;
    },
    ...changes,
  });
  open.defer(async () => {
    stop.abort();
    await ended;
  });
  return {
    server,
    controller,
    messaging,
    reports,
    messages,
    beats,
    metrics: () => telemetry.metricsText(),
    isReady: () => isReady,
    makeStores: async () => {
      bucket = await makeStores();
    },
    assign: (...assignments: Assignment[]) =>
      bucket!.put(assignmentKey('eu', 0), encodeJson({ vantage: 'eu', shard: 0, assignments })),
    put: (octets: Uint8Array) => bucket!.put(assignmentKey('eu', 0), octets),
    /** Waits for the newest report on a target to say so. */
    untilState: (target: string, state: string) =>
      eventually(
        () => reports.findLast((report) => report.target === target),
        (report) => report?.families.ipv4?.state === state,
        { deadlineMs: 10_000, what: `${target} is reported ${state}` },
      ),
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

/** What the heartbeat must say of the newest report of each pair. */
function digestOf(reports: readonly HealthReport[]): string {
  return reportDigest(new Map(reports.map((report) => [report.target, report])).values());
}

describe('runProber', () => {
  test('reports a target as soon as it is assigned, and again when it dies and comes back', async () => {
    await using open = new AsyncDisposableStack();
    const target = open.use(await startTarget());
    const prober = await startProber(open);
    await prober.assign(assignment('a', target));
    const up = (await prober.untilState('a', 'up'))!;
    assert.deepEqual([up.vantage, up.prober, up.sequence, up.flips], ['eu', 'p1', 1, 0]);
    assert.equal(prober.messages[0]?.subject, subjects.healthReport('site', 'a', 'eu', 'p1'));

    await target.kill();
    const down = (await prober.untilState('a', 'down'))!;
    assert.deepEqual([down.sequence, down.flips], [2, 1]);
    assert.match(down.families.ipv4!.reason, /^connection (refused|reset)/);

    await target.restart();
    const back = (await prober.untilState('a', 'up'))!;
    assert.deepEqual([back.sequence, back.flips, back.incarnation], [3, 2, up.incarnation]);
  });

  test('passes through suspect when more than one failure is asked for', async () => {
    await using open = new AsyncDisposableStack();
    const target = open.use(await startTarget());
    const prober = await startProber(open);
    await prober.assign(assignment('a', target, { fall: 3 }));
    await prober.untilState('a', 'up');
    target.setHealthy(false);
    await prober.untilState('a', 'down');
    assert.deepEqual(
      prober.reports.map(({ families }) => families.ipv4?.state),
      ['up', 'suspect', 'down'],
    );
    assert.equal(prober.reports.at(-1)?.families.ipv4?.reason, 'status 503, wanted 200');
  });

  test('judges one failing target without a word about the others', async () => {
    await using open = new AsyncDisposableStack();
    const [a, b] = [open.use(await startTarget()), open.use(await startTarget())];
    const prober = await startProber(open);
    await prober.assign(assignment('a', a), assignment('b', b));
    await prober.untilState('a', 'up');
    await prober.untilState('b', 'up');
    await a.kill();
    await prober.untilState('a', 'down');
    const seen = b.requests.length;
    await eventually(() => b.requests.length > seen + 2);
    assert.equal(prober.reports.filter(({ target }) => target === 'b').length, 1);
  });

  test('beats with the digest of what it reported', async () => {
    await using open = new AsyncDisposableStack();
    const [a, b] = [open.use(await startTarget()), open.use(await startTarget())];
    const prober = await startProber(open);
    await prober.assign(assignment('a', a), assignment('b', b));
    await prober.untilState('a', 'up');
    await prober.untilState('b', 'up');
    const beat = await eventually(
      () => prober.beats.at(-1),
      (last) => last?.reports === 2,
    );
    assert.deepEqual(
      [beat?.vantage, beat?.prober, beat?.sequence, beat?.digest],
      ['eu', 'p1', 2, digestOf(prober.reports)],
    );
    await prober.assign(assignment('b', b));
    await eventually(
      () => prober.beats.at(-1),
      (last) => last?.digest === digestOf(prober.reports.filter(({ target }) => target === 'b')),
    );
  });

  test('tells everything again under new sequences when it is asked to', async () => {
    await using open = new AsyncDisposableStack();
    const target = open.use(await startTarget());
    const prober = await startProber(open);
    await prober.assign(assignment('a', target));
    await prober.untilState('a', 'up');
    const asked = Array.from({ length: 5 }, () =>
      prober.controller.core.request(subjects.proberResend('eu', 'p1'), new Uint8Array(), 5_000),
    );
    const answers = (await Promise.all(asked)).map((answer) => JSON.parse(new TextDecoder().decode(answer)));
    assert.deepEqual(
      answers,
      Array.from({ length: 5 }, () => ({ reports: 1 })),
    );
    await eventually(() => prober.reports.length >= 2);
    const beat = await eventually(
      () => prober.beats.at(-1),
      (last) => last?.digest === digestOf(prober.reports) && last.sequence >= 2,
    );
    assert.equal(beat?.sequence, prober.reports.at(-1)?.sequence);
    assert.equal(prober.reports.at(-1)?.families.ipv4?.state, 'up');
  });

  test('judges on while messaging is away, and then tells each pair once, as it is now', async () => {
    await using open = new AsyncDisposableStack();
    const [a, b] = [open.use(await startTarget()), open.use(await startTarget())];
    const prober = await startProber(open);
    await prober.assign(assignment('a', a), assignment('b', b));
    await prober.untilState('a', 'up');
    await prober.untilState('b', 'up');
    const told = prober.reports.length;

    prober.messaging.setReachable(false);
    for (const isHealthy of [false, true, false]) {
      a.setHealthy(isHealthy);
      const seen = a.requests.length;
      // One request after the next has begun, the result of the first is in.
      await eventually(() => a.requests.length >= seen + 2);
    }
    assert.equal(prober.reports.length, told);
    prober.messaging.setReachable(true);

    const down = (await prober.untilState('a', 'down'))!;
    assert.deepEqual([down.sequence, down.flips], [told + 1, 3]);
    assert.equal(prober.reports.length, told + 1);
    await eventually(
      () => prober.beats.at(-1),
      (last) => last?.digest === digestOf(prober.reports),
    );
  });

  test('keeps the last good assignments when bad ones come, and counts them', async () => {
    await using open = new AsyncDisposableStack();
    const target = open.use(await startTarget());
    const prober = await startProber(open);
    await prober.assign(assignment('a', target));
    await prober.untilState('a', 'up');
    await prober.put(new TextEncoder().encode('no shard'));
    target.setHealthy(false);
    await prober.untilState('a', 'down');
    assert.match(await prober.metrics(), /^signpost_assignments_refused_total 1$/m);
  });

  test('shows its metrics', async () => {
    await using open = new AsyncDisposableStack();
    const target = open.use(await startTarget());
    const prober = await startProber(open);
    await prober.assign(assignment('a', target));
    await prober.untilState('a', 'up');
    const text = await eventually(prober.metrics, (shown) =>
      /signpost_reports_published_total 1/.test(shown),
    );
    for (const line of [
      /^signpost_assignments 1$/m,
      /^signpost_probes_total\{monitor="site",result="pass"\} \d+$/m,
      /^signpost_probe_success\{monitor="site",target="a"\} 1$/m,
      /^signpost_probe_duration_seconds_count\{monitor="site",phase="whole"\} \d+$/m,
      /^signpost_probe_duration_seconds_count\{monitor="site",phase="connect"\} \d+$/m,
      /^signpost_probe_duration_seconds_count\{monitor="site",phase="body"\} \d+$/m,
      /^signpost_probe_lateness_seconds_count \d+$/m,
    ]) {
      assert.match(text, line);
    }
  });

  test('warns of a certificate that expires soon, and says why it cannot probe without taking a target down', async () => {
    await using open = new AsyncDisposableStack();
    const notAfter = new Date(Date.now() + 5 * 86_400_000);
    const certificates = makeTestCertificates({ names: ['127.0.0.1'], notAfter });
    const target = open.use(await startTarget({ kind: 'https', certificates }));
    const prober = await startProber(open);
    const asking = (name: string, ca: string) =>
      assignment(name, target, { probe: { type: 'tls', tls: { ca, warnBeforeMs: 14 * 86_400_000 } } });
    await prober.assign(asking('a', certificates.ca), asking('b', 'no PEM'));
    const warned = await prober.untilState('a', 'up');
    const unable = await prober.untilState('b', 'unknown');
    assert.equal(
      warned?.families.ipv4?.warning,
      `certificate expires on ${notAfter.toISOString().slice(0, 10)}`,
    );
    assert.match(unable?.families.ipv4?.reason ?? '', /^the monitor's CA certificates are not valid: /);
    const expiry = /^signpost_probe_ssl_earliest_cert_expiry\{monitor="site",target="a"\} (\d+)$/m;
    assert.equal(Number(expiry.exec(await prober.metrics())?.[1]), Math.floor(+notAfter / 1_000));
  });

  test('tells once in a while, not at each probe, that it is held up itself', async () => {
    await using open = new AsyncDisposableStack();
    const target = open.use(await startTarget());
    const lines: string[] = [];
    let probes = 0;
    const warn = (_: object, line: string): void => void lines.push(line);
    const { assign } = await startProber(open, {
      logger: { info: () => {}, debug: () => {}, warn } as unknown as ProberOptions['logger'],
      probe: async () => {
        probes += 1;
        return { kind: 'inconclusive', reason: `prober was held up for ${100 + probes} ms` };
      },
    });
    await assign(assignment('a', target), assignment('b', target));
    await eventually(() => probes > 6);
    assert.deepEqual(lines, ['probe says nothing']);
  });

  test('is ready with an empty bucket at once, and without any a moment after connecting', async () => {
    await using open = new AsyncDisposableStack();
    const empty = await startProber(open);
    await eventually(empty.isReady);
    const without = await startProber(open, { stores: false });
    await eventually(without.isReady);
    const target = open.use(await startTarget());
    await without.makeStores();
    await without.assign(assignment('a', target));
    await without.untilState('a', 'up');
  });

  test('stops when told to, also before there was anything to follow', async () => {
    await using open = new AsyncDisposableStack();
    const prober = await startProber(open, { stores: false });
    await prober.stop();
    const target = open.use(await startTarget());
    target.behave({ kind: 'hang' });
    const busy = await startProber(open);
    await busy.assign(assignment('a', target, { timeoutMs: 60_000 }));
    await eventually(() => target.requests.length > 0);
    await busy.stop();
    await eventually(busy.metrics, (text) => !/signpost_assignments 1/.test(text));
  });
});
