import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { failovers } from './failovers.ts';
import { skews } from './skews.ts';
import { simulated, sum } from './testing/small-world.ts';

const requestsIn = (recording: ReturnType<typeof simulated>, name: string) =>
  recording.targets.find(({ target }) => target === name)?.requests ?? new Float64Array(recording.seconds);

describe('traffic', () => {
  test('all that clients ask is at some target or unanswered, whatever resolvers and caches do', () => {
    const habit = fc.constantFrom(
      '',
      '{ share: 40%, at_least: 2m }',
      '{ share: 90%, at_most: 5s }, { share: 10%, times: 3 }',
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.constantFrom('0%', '30%', '100%'),
        fc.constantFrom('0', '1', '60', '300'),
        fc.constantFrom(0.8, 1.1, 5),
        habit,
        (seed, ecs, ttl, alpha, habits) => {
          const scenario = `
population: { resolvers: 50, requests: 100, alpha: ${alpha}, ecs: ${ecs}, networks: 4, ttl: [${habits}] }
events: [{ at: 2m, kill: eu-a }, { at: 4m, surge: 3, for: 2m }, { at: 5m, drain: pool/us, for: 1m }]`;
          const recording = simulated({ ttl }, scenario, { seed, durationMs: 600_000 });
          const counted =
            sum(recording.unanswered) + sum(recording.targets.map(({ requests }) => sum(requests)));
          const asked = 100 * (480 + 3 * 120);
          // Each request in between caches is one event of a Poisson process.
          assert.ok(Math.abs(counted - asked) < 5 * Math.sqrt(asked), `${counted} of ${asked}`);
        },
      ),
      { numRuns: 8 },
    );
  });

  test('a large resolver asks once for each TTL, small ones for each request', () => {
    const few = simulated({ ttl: '60' }, 'population: { resolvers: 1, requests: 1000 }');
    assert.equal(sum(few.targets.map(({ answers }) => sum(answers))), 10);
    const many = simulated({ ttl: '60' }, 'population: { resolvers: 5000, requests: 5, alpha: 100 }');
    const answers = sum(many.targets.map(({ answers: counts }) => sum(counts)));
    // Of each the time between two questions is the TTL and the mean time to the next client.
    const expected = (5_000 * 600) / (60 + 1_000);
    assert.ok(Math.abs(answers / expected - 1) < 0.05, `${answers} of ${expected}`);
  });

  test('clients follow the weights in the long run, and one seed is one result', () => {
    const scenario = 'population: { resolvers: 500, alpha: 3 }';
    const settings = { durationMs: 3_600_000 };
    const recording = simulated({ ttl: '20' }, scenario, settings);
    const [skew] = skews(recording);
    assert.deepEqual(
      skew!.targets.map(({ target, configured }) => [target, Math.round(configured * 1e6) / 1e6]),
      [
        ['eu-a', 0.8],
        ['eu-b', 0.2],
      ],
    );
    for (const { clients, configured } of skew!.targets) assert.ok(Math.abs(clients - configured) < 0.01);
    assert.deepEqual(simulated({ ttl: '20' }, scenario, settings), recording);
    assert.notDeepEqual(
      requestsIn(simulated({ ttl: '20' }, scenario, { ...settings, seed: 2 }), 'eu-a'),
      requestsIn(recording, 'eu-a'),
    );
  });

  test('with ECS a resolver keeps an answer for each scope prefix, without for everybody', () => {
    const byPrefix = '{ rules: [{ try: [{ weighted: { eu: 50, us: 50 } }] }] }';
    const population = (ecs: string) =>
      `population: { resolvers: 1, networks: 200, ecs: ${ecs}, requests: 1000 }`;
    const shareOf = (ecs: string, policy: string) => {
      const recording = simulated({ policy }, population(ecs));
      return sum(requestsIn(recording, 'us-a')) / (1_000 * recording.seconds);
    };
    const alone = shareOf('0%', byPrefix);
    assert.ok(alone < 0.01 || alone > 0.99, `one prefix, one pool: ${alone}`);
    assert.ok(Math.abs(shareOf('100%', byPrefix) - 0.5) < 0.1, 'each of 200 prefixes by itself');
    const shared = simulated({}, population('100%'));
    assert.equal(
      sum(shared.targets.map(({ answers }) => sum(answers))),
      10,
      'scope 0: one answer for all of them',
    );
  });
});

describe('failover', () => {
  /** Many resolvers of one size, each asking all the time: no chance is left but when their answers run out. */
  const alike = (events: string) =>
    `{ population: { resolvers: 2000, alpha: 100, requests: 2000000 }, events: [${events}] }`;
  const standby = { policy: '{ rules: [{ try: [us, eu] }] }' };

  test('with one class of resolvers that honour the TTL, half has left after detection and half a TTL', () => {
    for (const ttl of [30, 60, 120]) {
      const recording = simulated({ ...standby, ttl: String(ttl) }, alike('{ at: 1m, kill: us-a }'), {
        durationMs: 240_000,
      });
      const [failover] = failovers(recording);
      const detectedMs = failover!.downMs!;
      assert.equal(failover!.before, 1);
      assert.ok(detectedMs > 0 && detectedMs < 5_000, `detected after ${detectedMs} ms`);
      const half = (failover!.halfMs! - detectedMs) / 1_000;
      assert.ok(Math.abs(half - ttl / 2) < 1 + ttl / 40, `TTL ${ttl}: half after ${half} s`);
      const most = (failover!.nearlyAllMs! - detectedMs) / 1_000;
      assert.ok(Math.abs(most - ttl * 0.99) < 1 + ttl / 40, `TTL ${ttl}: 99 % after ${most} s`);
    }
  });

  test('what does not answer at all takes two timeouts more: of the first failure and of its confirmation', () => {
    const after = (how: string) =>
      failovers(simulated(standby, alike(`{ at: 1m, kill: us-a, how: ${how} }`), { durationMs: 90_000 }))[0]!
        .downMs!;
    const late = after('silent') - after('refused');
    assert.ok(Math.abs(late - 6_000) < 50, `${late} ms later`);
  });

  test('resolvers that keep answers for longer hold on to the dead target for as long', () => {
    const recording = simulated(
      { ttl: '30' },
      '{ population: { resolvers: 2000, alpha: 100, requests: 100000, ttl: [{ share: 50%, at_least: 5m }] }, events: [{ at: 1m, kill: pool/eu }] }',
    );
    const [failover] = failovers(recording);
    assert.ok(failover!.halfMs! > 20_000 && failover!.halfMs! < 40_000);
    assert.ok(
      failover!.nearlyAllMs! > 270_000 && failover!.nearlyAllMs! < 310_000,
      String(failover!.nearlyAllMs),
    );
  });

  test('a suspicion beforehand makes the TTL short, and the failover fast', () => {
    const events = '{ at: 2m, degrade: target/us-a, failing: 40% }, { at: 5m, kill: target/us-a }';
    const world = { ...standby, monitor: 'type: tcp, port: 80, interval: 5s, fall: 8' };
    const halfAfter = (ttl: string) => {
      const recording = simulated({ ...world, ttl }, alike(events));
      const before = recording.verdicts.filter(({ atMs }) => atMs < 300_000);
      assert.ok(before.some(({ verdict }) => verdict.state === 'suspect'));
      assert.ok(
        before.every(({ verdict }) => verdict.state !== 'down'),
        'a brown-out alone is no death',
      );
      return failovers(recording)[0]!.halfMs!;
    };
    const [fixed, derived] = [halfAfter('60'), halfAfter('{ stable: 60, suspect: 10 }')];
    assert.ok(derived < fixed / 2, `${derived} of ${fixed} ms`);
  });

  test('a drain is no failure, and ends by itself', () => {
    const recording = simulated({ ttl: '20' }, alike('{ at: 2m, drain: target/eu-a, for: 3m }'));
    const eu = requestsIn(recording, 'eu-a');
    assert.deepEqual(recording.verdicts, []);
    assert.equal(sum(eu.subarray(150, 290)), 0);
    assert.ok(sum(eu.subarray(400, 460)) > 0.7 * 60 * 2_000_000);
  });

  test('without anywhere to go requests get no address, and targets with nothing to ask for them none', () => {
    const nodata = '{ rules: [{ try: [us] }], all_down: nodata }';
    const recording = simulated(
      { policy: nodata, ttl: '20' },
      alike('{ at: 1m, kill: us-a }, { at: 5m, recover: us-a }'),
    );
    assert.ok(sum(recording.unanswered.subarray(100, 290)) > 0.99 * 190 * 2_000_000);
    assert.ok(sum(recording.unanswered.subarray(400, 600)) < 1);
  });

  test('targets that push heartbeats fall silent when they die', () => {
    const push = { monitor: 'type: push, expect_every: 5s' };
    const [failover] = failovers(
      simulated({ ...standby, ...push }, alike('{ at: 3m, kill: us-a }'), { durationMs: 240_000 }),
    );
    assert.ok(failover!.downMs! > 10_000 && failover!.downMs! <= 16_000, String(failover!.downMs));
  });
});

test('new weights move clients as their answers run out', () => {
  const recording = simulated(
    { ttl: '30' },
    '{ population: { resolvers: 2000, alpha: 5 }, events: [{ at: 5m, weights: { pool: eu, members: { eu-a: 20 } } }] }',
  );
  const clients = skews(recording).map(({ targets }) => targets[0]!);
  assert.ok(Math.abs(clients[0]!.clients - 0.8) < 0.03 && Math.abs(clients[1]!.clients - 0.5) < 0.03);
  assert.deepEqual(
    clients.map(({ configured }) => Math.round(configured * 1e3)),
    [800, 500],
  );
});

test('a surge of one continent is met by those that its clients are sent to', () => {
  const policy = '{ rules: [{ when: { geos: [EU] }, try: [eu] }, { try: [us] }] }';
  const place = (continent: string, country: string) => ({
    continent,
    country,
    subdivision: '',
    prefixLength: 8,
  });
  const recording = simulated(
    { policy },
    '{ population: { resolvers: 400, requests: 1000, alpha: 5 }, events: [{ at: 5m, surge: 3, geos: [EU] }] }',
    { finder: { place: ([first]) => (first! % 2 === 0 ? place('EU', 'DE') : place('NA', 'US')) } },
  );
  const rate = (name: string, from: number) =>
    sum(requestsIn(recording, name).subarray(from, from + 200)) / 200;
  const eu = (from: number) => rate('eu-a', from) + rate('eu-b', from);
  assert.ok(Math.abs(eu(400) / eu(100) - 3) < 0.05, `${eu(400)} after ${eu(100)}`);
  assert.ok(Math.abs(rate('us-a', 400) / rate('us-a', 100) - 1) < 0.05);
  const configured = recording.targets.find(({ target }) => target === 'us-a')!.configured;
  assert.ok(configured[500]! < configured[100]! / 1.5, 'their share by the weights falls with the others');
});

test('targets push what they carry: a pool beyond its soft limit sheds clients until it is between its limits', () => {
  const recording = simulated(
    { policy: '{ rules: [{ try: [us, eu] }] }', ttl: '20', load: '{ soft: 400, hard: 500 }' },
    '{ population: { resolvers: 2000, alpha: 3, requests: 300 }, events: [{ at: 2m, surge: 2 }] }',
    { durationMs: 1_200_000 },
  );
  assert.match(recording.decisions[0]!.text, /^pool us keeps 9\d % of its clients$/);
  assert.ok(recording.decisions[0]!.atMs > 120_000 && recording.decisions[0]!.atMs < 180_000);
  const us = requestsIn(recording, 'us-a').subarray(900);
  assert.ok(Math.max(...us) < 500 && sum(us) / us.length > 400, `${sum(us) / us.length} requests per second`);
  const configured = recording.targets.find(({ target }) => target === 'us-a')!.configured;
  assert.equal(configured[1_000], 1, 'by the weights all would still go there');
});

test('targets push what they carry: where clients are weighed, half hours are nearer to the weights', () => {
  const errorOf = (weigh: string): number => {
    const policy = `{ rules: [{ try: [eu] }], within: { weigh: ${weigh} } }`;
    const runs = [1, 2, 3].map((seed) =>
      simulated({ policy, ttl: '30' }, 'population: { resolvers: 200, alpha: 1.1 }', {
        seed,
        durationMs: 7_200_000,
      }),
    );
    return sum(runs.map((recording) => skews(recording)[0]!.targets[0]!.offInHalfHour)) / runs.length;
  };
  const [queries, clients] = [errorOf('queries'), errorOf('clients')];
  assert.ok(clients < queries * 0.7, `${clients} of ${queries}`);
});
