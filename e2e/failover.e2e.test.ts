/** A dead target leaves the answers; a dead prober or controller changes nothing. Real processes, real servers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { connectMessaging } from '@signpost/nats/messaging';
import { decodeEvent } from '@signpost/contracts/cloud-event';
import { patterns } from '@signpost/contracts/subjects';
import { healthChanged, type HealthChanged } from '@signpost/contracts/verdict';
import { eventually } from '@signpost/testkit/eventually';
import { startSignpost } from '@signpost/testkit/start-process';

import { AP_CLIENT, EU_CLIENT, startWholeCluster, US_CLIENT } from './cluster.ts';
import { askSteadily, type QueryTally } from './steady-queries.ts';

const EU = ['192.0.2.10', '192.0.2.11'];
const US = ['198.51.100.10'];
const AP = ['203.0.113.10'];

let cluster: Awaited<ReturnType<typeof startWholeCluster>>;
before(async () => {
  cluster = await startWholeCluster();
});
after(() => cluster?.[Symbol.asyncDispose]());

/** Asks all the while that `body` runs; every query must be answered with an address. */
async function whileAsking(body: () => Promise<void>): Promise<void> {
  const queries = await askSteadily({
    port: cluster.dnsPort,
    name: 'go.example.net',
    subnet: EU_CLIENT,
    perSecond: 100,
  });
  let tally: QueryTally;
  try {
    await body();
  } finally {
    tally = await queries.stop(); // also when the test failed, or its process would ask for ever
  }
  assert.equal(tally.answered, tally.sent);
  assert.equal(tally.wrong, 0);
}

/** Answers may be there before the controller heard from Redis that it published them. */
async function publishedAfter(generation: number): Promise<void> {
  await eventually(
    () => cluster.status(),
    (status) => status.controller.generation > generation,
    { what: 'the controller published' },
  );
}

test('each client gets its own region, with AA and a scope no narrower than explain names', async () => {
  for (const [subnet, addresses] of [
    [EU_CLIENT, EU],
    [US_CLIENT, US],
    [AP_CLIENT, AP],
  ] as const) {
    const answer = await cluster.ask('go.example.net', 'A', subnet);
    assert.ok(answer.flags.aa);
    assert.equal(answer.answers.length, 1);
    assert.ok(addresses.includes(String((answer.answers[0] as { data: unknown }).data)), subnet);
    const response = await fetch(
      `${cluster.apiUrl}/api/v1/explain?name=go.example.net&client=${encodeURIComponent(subnet)}`,
    );
    const explanation = (await response.json()) as { scope: number; place: { prefixLength: number } };
    // An authority that has the rules in a table tells the widest scope that is true.
    const scope = answer.edns!.clientSubnet!.scopePrefixLength;
    assert.ok(scope > 0 && scope <= explanation.scope, `${scope} of ${explanation.scope}`);
    assert.equal(explanation.scope, explanation.place.prefixLength);
  }
});

test('a killed target leaves the answers and comes back, and a subscriber is told why', () =>
  whileAsking(async () => {
    const stop = new AbortController();
    const seen: HealthChanged[] = [];
    await using subscriber = await connectMessaging({
      url: cluster.nats.url,
      name: 'subscriber',
      signal: stop.signal,
    });
    using _subscription = subscriber.core.subscribe(patterns.healthChanges, (message) => {
      const event = decodeEvent(healthChanged, message.data);
      if (event.ok) seen.push(event.value.data);
    });
    await cluster.targets.eu.kill();
    await cluster.untilAddress(EU_CLIENT, US);
    await cluster.untilAddress(US_CLIENT, US);
    const downs = () => seen.filter((event) => event.to.state === 'down');
    await eventually(
      () => downs().length,
      (count) => count === 2,
      { what: 'both targets were told to be down' },
    );
    await cluster.targets.eu.restart();
    await cluster.untilAddress(EU_CLIENT, EU);

    await eventually(
      () => seen.length,
      (count) => count >= 4,
      { what: 'four changes were told' },
    );
    assert.deepEqual(
      downs()
        .map((event) => event.target)
        .toSorted(),
      ['eu-a', 'eu-b'],
    );
    for (const event of downs()) {
      // Whichever probe met the end: one that was under way, or one after it.
      assert.match(event.reason, /connection (refused|closed|reset)/);
      assert.deepEqual([...new Set(event.evidence.map((one) => one.vantage))].toSorted(), ['ap', 'eu', 'us']);
    }
  }));

test('a killed prober changes nothing; nor do all of them', () =>
  whileAsking(async () => {
    const { generation } = (await cluster.status()).controller;
    await cluster.probers[0]!.kill();
    await eventually(
      () => cluster.status(),
      (status) => status.vantages.flatMap((vantage) => vantage.probers).some((prober) => !prober.fresh),
      { what: 'the dead prober has no vote any more' },
    );
    await cluster.targets.ap.kill();
    await cluster.untilAddress(AP_CLIENT, US); // two of three vantages still decide
    await cluster.targets.ap.restart();
    await cluster.untilAddress(AP_CLIENT, AP);
    for (const prober of cluster.probers.slice(1)) await prober.kill();
    await eventually(
      () => cluster.status(),
      (status) => status.vantages.flatMap((vantage) => vantage.probers).every((prober) => !prober.fresh),
      { what: 'nobody has a vote' },
    );
    await cluster.targets.us.kill(); // nobody sees it: the last verdicts stand
    assert.deepEqual(await cluster.addresses(US_CLIENT), US);
    await publishedAfter(generation);
    await cluster.targets.us.restart();
  }));

test('a restarted controller keeps verdicts and publishes on', () =>
  whileAsking(async () => {
    await cluster.targets.eu.kill();
    for (const vantage of ['eu', 'us', 'ap']) await cluster.startProber(vantage, `second-${vantage}`);
    await cluster.untilAddress(EU_CLIENT, US);
    const before = (await cluster.status()).controller.generation;

    await cluster.controller.kill();
    assert.deepEqual(await cluster.addresses(EU_CLIENT), US);
    await cluster.startController();
    await eventually(
      () => cluster.status(),
      (status) => status.controller.leader && status.controller.converged,
      {
        deadlineMs: 20_000,
        what: 'the new controller leads',
      },
    );
    assert.deepEqual(await cluster.addresses(EU_CLIENT), US, 'the verdict outlived the controller');
    await cluster.targets.eu.restart();
    await cluster.untilAddress(EU_CLIENT, EU);
    await publishedAfter(before);
  }));

test('a stopped authority answers on while not ready, then exits 0, and another takes its place', async () => {
  const second = await cluster.startAuthority('authority-2');
  await eventually(
    () => cluster.status(),
    (status) =>
      status.authorities.filter((one) => one.ready && one.generation === status.controller.generation)
        .length === 2,
    { deadlineMs: 15_000, what: 'both authorities answer from the present generation' },
  );
  const queries = await askSteadily({
    port: cluster.dnsPort,
    name: 'go.example.net',
    subnet: EU_CLIENT,
    perSecond: 100,
  });
  assert.equal(await cluster.authority.stop(10_000), 0);
  const tally = await queries.stop();
  assert.equal(tally.wrong, 0);
  assert.equal((await cluster.addresses(EU_CLIENT)).length, 1);
  assert.ok(second.isRunning);
});

test('the command draws status and explain of the running controller', async () => {
  const env = { SIGNPOST_API: cluster.apiUrl };
  const status = await startSignpost(['status'], env);
  assert.equal(await status.waitForEnd(), 0);
  assert.match(status.lines.join('\n'), /eu-a +up/);
  const explain = await startSignpost(['explain', 'go.example.net', '--client', '81.2.69.1'], env);
  assert.equal(await explain.waitForEnd(), 0);
  assert.match(explain.lines.join('\n'), /try eu:[\s\S]*192\.0\.2\.10 +80\.0 %/);
});
