/**
 * The prober as a process of its own, against a real nats-server, as a user that may do no more than a prober must.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { decodeEvent } from '@signpost/contracts/cloud-event';
import { encodeJson } from '@signpost/contracts/decode';
import { healthReported, type HealthReport } from '@signpost/contracts/health-report';
import { proberBeat, reportDigest, type ProberHeartbeat } from '@signpost/contracts/heartbeats';
import { buckets, patterns, streams, subjects } from '@signpost/contracts/subjects';
import { connectMessaging } from '@signpost/nats/messaging';
import { eventually } from '@signpost/testkit/eventually';
import { startGuardedProcess } from '@signpost/testkit/guarded-process';
import { startNats } from '@signpost/testkit/start-nats';
import { startTarget } from '@signpost/testkit/start-target';

const USERS = `
authorization {
  users: [
    { user: controller, password: c }
    {
      user: prober-eu, password: p
      permissions: {
        publish: { allow: [
          "signpost.health.report.*.*.eu.*", "signpost.prober.heartbeat.eu.*", "signpost.probe.now.*.*"
          "$JS.API.STREAM.INFO.SIGNPOST_HEALTH", "$JS.API.STREAM.INFO.KV_signpost_probes"
          "$JS.API.CONSUMER.CREATE.KV_signpost_probes", "$JS.FC.KV_signpost_probes.>"
        ] }
        subscribe: { allow: ["signpost.prober.resend.eu.*", "signpost.probe.now.>", "_INBOX.prober-eu.>"] }
        allow_responses: { max: 1, expires: "5s" }
      }
    }
  ]
}`;

function startMain(env: Record<string, string>) {
  return startGuardedProcess(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { PATH: process.env['PATH'], SIGNPOST_ADMIN_LISTEN: '127.0.0.1:0', ...env },
  });
}

describe('the prober as a process', () => {
  test('reports over NATS, also after NATS was away, answers a resend, and ends cleanly', async () => {
    await using open = new AsyncDisposableStack();
    const nats = open.use(await startNats({ jetstream: true, config: USERS }));
    const target = open.use(await startTarget());
    const signal = new AbortController().signal;
    const controller = open.use(
      await connectMessaging({ url: nats.url, user: 'controller', pass: 'c', name: 'test', signal }),
    );
    const reports: HealthReport[] = [];
    const beats: ProberHeartbeat[] = [];
    const stream = await controller.stream(streams.health, { create: true, signal });
    open.use(
      await stream.follow({
        pattern: patterns.healthReports,
        from: 'last-per-subject',
        listener: ({ data }) => {
          const event = decodeEvent(healthReported, data);
          if (event.ok) reports.push(event.value.data);
        },
      }),
    );
    controller.core.subscribe(patterns.proberHeartbeats, ({ data }) => {
      const event = decodeEvent(proberBeat, data);
      if (event.ok) beats.push(event.value.data);
    });
    const probes = await controller.bucket(buckets.probes, { create: true, signal });

    const prober = await startMain({
      SIGNPOST_NATS_URL: nats.url,
      SIGNPOST_NATS_USER: 'prober-eu',
      SIGNPOST_NATS_PASSWORD: 'p',
      SIGNPOST_VANTAGE: 'eu',
      SIGNPOST_PROBER: 'p1',
    });
    open.defer(() => prober.stop().then(() => {}));
    const [, admin] = await prober.waitForLine(/"admin":"([^"]+)"/);
    const ask = async (path: string) => (await fetch(`http://${admin}${path}`)).text();
    await eventually(
      () => ask('/readyz'),
      (text) => text === 'ok\n',
    );

    const assignment = {
      monitor: 'site',
      target: 'a',
      probe: { type: 'tcp' },
      checks: [{ families: ['ipv4'], address: target.host, port: target.port }],
      intervalMs: 100,
      timeoutMs: 2_000,
      rise: 1,
      fall: 1,
      phase: 0,
    };
    await probes.put('eu.0', encodeJson({ vantage: 'eu', shard: 0, assignments: [assignment] }));
    const untilState = (state: string) =>
      eventually(
        () => reports.at(-1)?.families.ipv4,
        (family) => family?.state === state,
        { deadlineMs: 20_000, what: `report of ${state}` },
      );
    await untilState('up');

    await nats.stop();
    await target.kill();
    await eventually(
      () => ask('/metrics'),
      (text) => /signpost_probe_success\S* 0/.test(text),
    );
    await nats.restart();
    assert.equal((await untilState('down'))?.reason, 'connection refused');

    const known = reports.length;
    const answer = await eventually(() =>
      controller.core.request(subjects.proberResend('eu', 'p1'), new Uint8Array(), 2_000),
    );
    assert.equal(new TextDecoder().decode(answer), '{"reports":1}');
    await eventually(() => reports.length > known);
    await eventually(
      () => beats.at(-1),
      (beat) => beat?.digest === reportDigest([reports.at(-1)!]),
    );
    assert.equal(await prober.stop(), 0);
  });

  test('stops cleanly while it still waits for NATS, is not ready until then, and SIGHUP ends nothing', async () => {
    const prober = await startMain({ SIGNPOST_NATS_URL: 'nats://127.0.0.1:1' });
    const [, admin] = await prober.waitForLine(/"admin":"([^"]+)"/);
    const response = await fetch(`http://${admin}/readyz`);
    assert.deepEqual([response.status, await response.text()], [503, 'NATS was not reached yet\n']);
    prober.signal('SIGHUP'); // a reload by habit, or a terminal that closes
    await prober.waitForLine(/"msg":"SIGHUP/);
    assert.equal(await prober.stop(), 0);
  });

  test('ends with code 2 and every problem when it is told wrong', async () => {
    const prober = await startMain({ SIGNPOST_VANTAGE: 'EU west' });
    assert.equal(await prober.waitForEnd(), 2);
    assert.equal(prober.stderr.filter((line) => line.startsWith('configuration: SIGNPOST_')).length, 2);
  });
});
