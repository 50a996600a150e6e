/** Policies of the field that choose by client, weight and health: each asked of a real authority. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CLIENTS, networks, startSteeringWorld } from './steering-world.ts';

const EU = ['192.0.2.10', '192.0.2.11'];
const US = ['198.51.100.10', '198.51.100.11'];
const [AP, INSIDE] = ['203.0.113.10', '10.0.0.10'];

/** Which pool an address is of. */
function poolOf(address: string | undefined): string {
  if (address === undefined) return 'none';
  if (EU.includes(address)) return 'eu';
  if (US.includes(address)) return 'us';
  return address === AP ? 'ap' : address === INSIDE ? 'inside' : address;
}

function near(actual: number | undefined, expected: number, tolerance: number): void {
  const got = actual ?? 0;
  assert.ok(Math.abs(got - expected) <= tolerance, `${got} is not ${expected} +- ${tolerance}`);
}

test('steering by client, weight and health', async (t) => {
  const world = await startSteeringWorld(t);
  const poolFor = async (name: string, client: string) => poolOf((await world.addresses(name, client))[0]);

  await t.test('round robin: many answers, each first in turn', async () => {
    const firsts = new Set<string>();
    for (let i = 0; i < 4; i += 1) {
      const got = await world.addresses('round-robin');
      assert.deepEqual(got.toSorted(), EU);
      firsts.add(got[0]!);
    }
    assert.deepEqual([...firsts].toSorted(), EU);
  });

  await t.test('weighted: 80/20 within 4 sigma', async () => {
    const queries = 2_000;
    const shares = await world.shares('weighted', Array<string>(queries).fill(CLIENTS.tokyo));
    near(shares['192.0.2.10'], 0.8, 4 * Math.sqrt((0.8 * 0.2) / queries));
  });

  await t.test('weighted pools: 70/30 of networks, the same network always the same', async () => {
    const clients = networks(2_000);
    const shares = await world.shares('split', clients);
    const eu = (shares['192.0.2.10'] ?? 0) + (shares['192.0.2.11'] ?? 0);
    near(eu, 0.7, 4 * Math.sqrt((0.7 * 0.3) / clients.length));
    const again = await Promise.all(Array.from({ length: 20 }, () => poolFor('split', CLIENTS.tokyo)));
    assert.equal(new Set(again).size, 1);
  });

  await t.test('ordered failover over three levels', async () => {
    assert.equal(await poolFor('ordered', 'tokyo'), 'eu');
    await world.serve({ 'eu-a': 'down', 'eu-b': 'down' });
    assert.equal(await poolFor('ordered', 'tokyo'), 'us');
    await world.serve({ 'eu-a': 'down', 'eu-b': 'down', 'us-a': 'down', 'us-b': 'down' });
    assert.equal(await poolFor('ordered', 'tokyo'), 'ap');
    await world.serve();
    assert.equal(await poolFor('ordered', 'tokyo'), 'eu');
  });

  await t.test('the load of a dead site is spread by headroom', async () => {
    const room = new Map([
      ['us', 3_000],
      ['ap', 1_000],
    ]);
    const load = { keepOf: () => 1, roomBeside: (pool: string) => (pool === 'eu' ? room : undefined) };
    await world.serve({ 'eu-a': 'down', 'eu-b': 'down' }, { load });
    const clients = networks(2_000);
    const shares = await world.shares('spread', clients);
    near(shares[AP], 0.25, 4 * Math.sqrt((0.75 * 0.25) / clients.length));
    near((shares[US[0]!] ?? 0) + (shares[US[1]!] ?? 0), 0.75, 0.05);
    assert.equal(await poolFor('ordered', 'tokyo'), 'us', 'without spill all go to the next stage');
    await world.serve();
  });

  await t.test('geo: continent, country and subdivision, the first rule that matches', async () => {
    const got = Object.fromEntries(
      await Promise.all(
        Object.keys(CLIENTS).map(async (client) => [client, await poolFor('geo', client)] as const),
      ),
    );
    assert.deepEqual(got, {
      frankfurt: 'eu',
      london: 'us',
      cairo: 'eu',
      newYork: 'us',
      losAngeles: 'ap',
      tokyo: 'ap',
      saoPaulo: 'us',
      nowhere: 'us',
    });
  });

  await t.test('geofence: nothing rather than another region, and only for those inside', async () => {
    assert.equal(await poolFor('fence', 'frankfurt'), 'eu');
    assert.equal(await poolFor('fence', 'tokyo'), 'none');
    await world.serve({ 'eu-a': 'down', 'eu-b': 'down' });
    const denied = await world.ask('fence', { subnet: CLIENTS.frankfurt });
    assert.deepEqual([denied.rcode, denied.answers.length, denied.authorities.length], ['NOERROR', 0, 1]);
    assert.equal(denied.authorities[0]!.type, 'SOA');
    assert.equal(denied.edns?.clientSubnet?.scopePrefixLength, 0, 'RFC 7871 7.4');
    assert.equal(await poolFor('fence', 'newYork'), 'us');
    await world.serve();
  });

  await t.test('the region of a vantage is a condition', async () => {
    assert.equal(await poolFor('near-vantages', 'tokyo'), 'ap');
    assert.equal(await poolFor('near-vantages', 'frankfurt'), 'eu');
  });

  await t.test('proximity: the nearest that is healthy; no place: as listed', async () => {
    assert.equal(await poolFor('nearest', 'london'), 'eu');
    assert.equal(await poolFor('nearest', 'losAngeles'), 'us');
    assert.equal(await poolFor('nearest', 'saoPaulo'), 'us');
    assert.equal(await poolFor('nearest', 'tokyo'), 'ap');
    assert.equal(await poolFor('nearest', 'nowhere'), 'us');
    await world.serve({ 'ap-a': 'down' });
    assert.equal(await poolFor('nearest', 'tokyo'), 'eu'); // 9,300 km against 10,900
    await world.serve();
  });

  await t.test('proximity bias, as Route 53 has it', async () => {
    // London: eu 640 km / (1 - 0.5) = 1,280, us 5,900 km x 0.4 = 2,360. Cairo: eu 2,900 x 2 = 5,800, us 9,300 x 0.4 = 3,700.
    assert.equal(await poolFor('biased', 'london'), 'eu');
    assert.equal(await poolFor('nearest', 'cairo'), 'eu');
    assert.equal(await poolFor('biased', 'cairo'), 'us');
  });

  await t.test('fastest: by distance as long as nothing was measured', async () => {
    assert.equal(await poolFor('fastest', 'tokyo'), 'ap');
    assert.equal(await poolFor('fastest', 'frankfurt'), 'eu');
    assert.equal(await poolFor('fastest', 'nowhere'), 'us');
  });

  await t.test('subnets of both families', async () => {
    assert.equal(await poolFor('networks', '10.1.2.0/24'), 'inside');
    assert.equal(await poolFor('networks', 'frankfurt'), 'eu');
    const six = await world.ask('networks', { subnet: '2001:db8:a:1::/56' });
    assert.equal(six.edns?.clientSubnet?.scopePrefixLength, 48);
    assert.deepEqual(
      six.answers.map((answer) => (answer as { data: unknown }).data),
      [INSIDE],
    );
  });

  await t.test('autonomous systems', async () => {
    assert.equal(await poolFor('networks', 'saoPaulo'), 'ap');
    assert.equal(await poolFor('networks', 'newYork'), 'eu');
  });

  await t.test('a client keeps its target, and only those of a lost one move', async () => {
    const clients = networks(400);
    const first = await Promise.all(clients.map((client) => world.addresses('sticky', client)));
    const again = await Promise.all(clients.map((client) => world.addresses('sticky', client)));
    assert.deepEqual(again, first);
    const share = first.filter(([address]) => address === '192.0.2.11').length / clients.length;
    near(share, 0.2, 4 * Math.sqrt((0.8 * 0.2) / clients.length));
    await world.serve({ 'eu-b': 'down' });
    const after = await Promise.all(clients.map((client) => world.addresses('sticky', client)));
    for (const [index, [address]] of first.entries()) {
      if (address !== '192.0.2.11') assert.deepEqual(after[index], [address]);
    }
    await world.serve();
  });

  await t.test('a standby gets its trickle, of networks', async () => {
    const clients = networks(2_000);
    const shares = await world.shares('warm-standby', clients);
    near((shares[US[0]!] ?? 0) + (shares[US[1]!] ?? 0), 0.1, 4 * Math.sqrt((0.9 * 0.1) / clients.length));
  });

  await t.test('rules by the time of day and week of a zone', async () => {
    const at = async (instant: string) => {
      await world.serve({}, { nowMs: Date.parse(instant) });
      return poolFor('office-hours', 'tokyo');
    };
    assert.equal(await at('2026-11-26T06:59:00Z'), 'us', 'Thursday, 07:59 in Berlin');
    assert.equal(await at('2026-11-26T07:00:00Z'), 'eu');
    assert.equal(await at('2026-11-26T17:00:00Z'), 'us', '18:00');
    assert.equal(await at('2026-11-28T10:00:00Z'), 'us', 'Saturday');
    assert.equal(await at('2026-07-09T06:00:00Z'), 'eu', 'summer time: 08:00');
    await world.serve();
  });
});
