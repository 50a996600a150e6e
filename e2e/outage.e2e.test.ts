/** NATS or Redis away for half a minute under load: no query is lost, and afterwards the cluster catches up. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';

import { eventually } from '@signpost/testkit/eventually';

import { EU_CLIENT, startWholeCluster } from './cluster.ts';
import { askSteadily } from './steady-queries.ts';

const OUTAGE_MS = 30_000;
const EU = ['192.0.2.10', '192.0.2.11'];
const US = ['198.51.100.10'];

for (const server of ['redis', 'nats'] as const) {
  test(`${server} stopped for 30 s under 1,000 queries/s: no query lost, and then it catches up`, async (t) => {
    await using cluster = await startWholeCluster();
    const queries = await askSteadily({
      port: cluster.dnsPort,
      name: 'go.example.net',
      subnet: EU_CLIENT,
      perSecond: 1_000,
    });
    await cluster[server].stop();
    await cluster.targets.eu.kill(); // changes during the outage must not be lost
    await sleep(OUTAGE_MS); // the outage itself, not a wait for something
    await cluster[server].restart();
    await cluster.untilAddress(EU_CLIENT, US, 30_000);
    const tally = await queries.stop();
    t.diagnostic(`${tally.sent} queries sent, ${tally.answered} answered, ${tally.wrong} wrong`);
    assert.ok(tally.sent > (OUTAGE_MS / 1000) * 900);
    assert.equal(tally.answered, tally.sent);
    assert.equal(tally.wrong, 0);
    await cluster.targets.eu.restart();
    await cluster.untilAddress(EU_CLIENT, EU, 30_000);
  });
}

test('a wiped Redis is filled again, and no answer changes meanwhile', async () => {
  await using cluster = await startWholeCluster();
  const before = (await cluster.status()).controller.generation;
  const queries = await askSteadily({
    port: cluster.dnsPort,
    name: 'go.example.net',
    subnet: EU_CLIENT,
    perSecond: 200,
  });
  await cluster.redis.restart({ wipe: true });
  await eventually(
    () => cluster.status(),
    (status) => status.controller.generation > before,
    {
      deadlineMs: 30_000,
      what: 'the controller published everything again',
    },
  );
  await eventually(
    () => cluster.status(),
    (status) => status.authorities.every((one) => one.generation === status.controller.generation),
    { deadlineMs: 30_000, what: 'the authority caught up' },
  );
  const tally = await queries.stop();
  assert.equal(tally.answered, tally.sent);
  assert.equal(tally.wrong, 0);
});

test('a wiped NATS is filled again from configuration and probers', async () => {
  await using cluster = await startWholeCluster();
  await cluster.nats.restart({ wipe: true });
  assert.equal((await cluster.addresses(EU_CLIENT)).length, 1);
  await eventually(
    () => cluster.status(),
    (status) => status.controller.leader && status.controller.converged,
    {
      deadlineMs: 40_000,
      what: 'the controller leads and has converged again',
    },
  );
  await cluster.targets.eu.kill();
  await cluster.untilAddress(EU_CLIENT, US, 30_000);
});
