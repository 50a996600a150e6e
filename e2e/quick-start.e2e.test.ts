/** `signpost start` as a newcomer runs it, on the ports that the README names. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { after, before, test } from 'node:test';

import { ask, encodeQuery } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';
import { seededDraw } from '@signpost/testkit/seeded-draw';
import { startSignpost, type SignpostProcess } from '@signpost/testkit/start-process';

import { EU_CLIENT } from './cluster.ts';
import { askSteadily } from './steady-queries.ts';

let signpost: SignpostProcess;
before(async () => {
  signpost = await startSignpost(['start']);
  await eventually(
    () => addresses('go.example.net', EU_CLIENT),
    (got) => got.length === 1,
    { deadlineMs: 30_000 },
  );
});
after(() => signpost?.[Symbol.asyncDispose]());

async function addresses(name: string, subnet: string, type = 'A'): Promise<string[]> {
  const answer = await ask({ server: '127.0.0.1', port: 5300, name, type, subnet });
  return answer.answers.map((record) => String((record as { data: unknown }).data));
}

const untilAddress = (subnet: string, pattern: RegExp): Promise<string[]> =>
  eventually(
    () => addresses('go.example.net', subnet),
    (got) => got.length === 1 && pattern.test(got[0]!),
    {
      deadlineMs: 3_000,
    },
  );

test('three clients, three regions', async () => {
  await untilAddress('81.2.69.0/24', /^192\.0\.2\.1[01]$/);
  await untilAddress('8.8.8.0/24', /^198\.51\.100\.10$/);
  await untilAddress('133.11.0.0/16', /^203\.0\.113\.10$/);
  assert.match((await addresses('go.example.net', '81.2.69.0/24', 'AAAA'))[0]!, /^2001:db8:1::/);
});

test('a failing region leaves the answers within 3 s and comes back, and both events say why', async () => {
  await using follow = await startSignpost(['events']);
  await follow.waitForLine(/following/);
  await fetch('http://127.0.0.1:18081/fail', { method: 'POST' });
  await untilAddress(EU_CLIENT, /^198\.51\.100\.10$/);
  assert.match((await addresses('dr.example.net', EU_CLIENT))[0]!, /^198\.51\.100\.10$/);
  await fetch('http://127.0.0.1:18081/recover', { method: 'POST' });
  await untilAddress(EU_CLIENT, /^192\.0\.2\.1[01]$/);
  await follow.waitForLine(/redirect\/eu-a.*up -> down.*status 503/);
  await follow.waitForLine(/redirect\/eu-a.*down -> up/);
  await signpost.waitForLine(/redirect\/eu-a.*down -> up/);
});

test('the 80/20 weights hold within 2 points over 10,000 queries of one client', async (t) => {
  const counts = new Map<string, number>();
  for (let round = 0; round < 100; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => addresses('go.example.net', EU_CLIENT)),
    );
    for (const [address] of answers) counts.set(address!, (counts.get(address!) ?? 0) + 1);
  }
  const share = (counts.get('192.0.2.10') ?? 0) / 10_000;
  t.diagnostic(`192.0.2.10 in ${(share * 100).toFixed(2)} % of 10,000 answers`);
  assert.ok(Math.abs(share - 0.8) <= 0.02, `share of 192.0.2.10: ${share}`);
  assert.equal(counts.size, 2);
});

test('query draws an answer and gives it as JSON; events gives whole CloudEvents', async () => {
  const drawn = await startSignpost(['query', 'go.example.net', 'A', '--subnet', '8.8.8.0/24']);
  assert.equal(await drawn.waitForEnd(), 0);
  assert.match(
    drawn.stdout.join('\n'),
    /NOERROR +aa[\s\S]*client subnet 8\.8\.8\.0\/24, scope \/\d+[\s\S]*198\.51\.100\.10/,
  );
  const json = await startSignpost(['query', 'go.example.net', 'AAAA', '--tcp', '--json']);
  assert.equal(await json.waitForEnd(), 0);
  const answer = JSON.parse(json.stdout.join('\n')) as { transport: string; answer: { data: string }[] };
  assert.equal(answer.transport, 'TCP');
  assert.match(answer.answer[0]!.data, /^2001:db8:/);

  await using events = await startSignpost(['events', '--json']);
  await events.waitForLine(/following/);
  await fetch('http://127.0.0.1:18083/fail', { method: 'POST' });
  await untilAddress('133.11.0.0/16', /^198/);
  await fetch('http://127.0.0.1:18083/recover', { method: 'POST' });
  await untilAddress('133.11.0.0/16', /^203/);
  await eventually(
    () => events.stdout.length,
    (lines) => lines > 0,
  );
  const event = JSON.parse(events.stdout[0]!) as { specversion: string; type: string };
  assert.equal(event.specversion, '1.0');
  assert.match(event.type, /^signpost\.(health|records)\.changed\.v1$/);
});

test('readiness, liveness and metrics are on the admin address', async () => {
  assert.equal((await fetch('http://127.0.0.1:9153/readyz')).status, 200);
  assert.equal((await fetch('http://127.0.0.1:9153/livez')).status, 200);
  const metrics = await (await fetch('http://127.0.0.1:9153/metrics')).text();
  assert.match(metrics, /^signpost_dns_requests_total\{proto="udp",family="1",type="A"\} [1-9]/m);
  assert.match(metrics, /^signpost_verdict\{monitor="redirect",target="eu-a",state="up"\} 1$/m);
});

test('a redirecting demo target really redirects', async () => {
  const response = await fetch('http://127.0.0.1:18082/abc123', { redirect: 'manual' });
  assert.equal(response.status, 302);
  assert.equal(response.headers.get('location'), 'https://example.net/hello');
});

test('100,000 random and mutated packets: the process lives and the control query is answered', async (t) => {
  const draw = seededDraw(2026);
  const octet = (): number => Math.floor(draw() * 256);
  const template = encodeQuery({ name: 'go.example.net', type: 'A', subnet: EU_CLIENT, id: 1 });
  const socket = createSocket('udp4');
  let replies = 0;
  socket.on('message', () => (replies += 1));
  const control = await askSteadily({ port: 5300, name: 'go.example.net', subnet: EU_CLIENT, perSecond: 20 });
  for (let sent = 0; sent < 100_000; sent += 1) {
    let packet: Buffer;
    if (sent % 2 === 0) {
      packet = Buffer.from(Array.from({ length: Math.floor(draw() * 80) }, octet));
    } else {
      packet = Buffer.from(template);
      for (let flips = 0; flips <= draw() * 4; flips += 1)
        packet[Math.floor(draw() * packet.length)] = octet();
    }
    socket.send(packet, 5300, '127.0.0.1');
    // Let the other side run: without it the kernel drops most of them unseen.
    if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const tally = await control.stop();
  socket.close();
  t.diagnostic(`${replies} replies; control ${tally.answered} of ${tally.sent}`);
  assert.ok(signpost.isRunning);
  assert.equal(tally.wrong, 0);
  assert.ok(replies > 1_000);
  await untilAddress(EU_CLIENT, /^192\.0\.2\.1[01]$/);
});

test('SIGTERM ends it with exit code 0', async () => {
  assert.equal(await signpost.stop(10_000), 0);
});
