import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NOWHERE, UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import {
  decodeLatencies,
  encodeLatencies,
  NOT_MEASURED,
  rowCount,
} from '@signpost/contracts/stored-latencies';
import { parseAddress } from '@signpost/dns/address';

import { FINDS_NOTHING, type ClientFinder } from '../explain/explain.ts';
import { FORGET_AFTER_MS } from './estimate-round-trip.ts';
import { LATENCY_LIMITS, LatencyAggregate } from './latency-aggregate.ts';
import { latencyTable } from './latency-keeper.ts';
import { packLatencies } from './pack-latencies.ts';

const ALL = () => true;
/** The second octet says which country and system. */
const finder: ClientFinder = {
  place: (octets) => ({ ...NOWHERE, country: octets[1] === 1 ? 'DE' : '' }),
  system: (octets) => ({ asn: octets[1] === 1 ? 64_500 : 0, prefixLength: 16 }),
};

function clientOf(text: string, sourceLength?: number) {
  const { family, octets } = parseAddress(text)!;
  return { family, octets, sourceLength: sourceLength ?? octets.length * 8 };
}

function measured(
  aggregate: LatencyAggregate,
  client: string,
  target: string,
  ms: number,
  nowMs = 0,
  times = 3,
) {
  for (let i = 0; i < times; i += 1) {
    aggregate.take({ client: clientOf(client), target, ms, samples: 1 }, nowMs);
  }
}

/** By name of the row, then by target. */
function shown(aggregate: LatencyAggregate, mostCells?: number): Record<string, Record<string, number>> {
  const stored = packLatencies(aggregate, 1, mostCells);
  const decoded = decodeLatencies(encodeLatencies(stored));
  assert.ok(decoded.ok, 'it is a table that readers take');
  const { latencies } = latencyTable(stored);
  const rows = Array.from({ length: rowCount(stored) }, (_, row) => {
    const cells = stored.targets.map((target, column) => [
      target,
      stored.tenths[row * stored.targets.length + column]!,
    ]);
    return [
      latencies.nameOf(row)!,
      Object.fromEntries(
        cells
          .filter(([, tenths]) => tenths !== NOT_MEASURED)
          .map(([target, tenths]) => [target, Number(tenths) / 10]),
      ) as Record<string, number>,
    ] as const;
  });
  return Object.fromEntries(rows);
}

test('measurements of one prefix make one row, by target', () => {
  const aggregate = new LatencyAggregate({ finder: FINDS_NOTHING });
  measured(aggregate, '203.0.113.1', 'eu-a', 20);
  measured(aggregate, '203.0.113.200', 'us-a', 120);
  measured(aggregate, '2001:db8:1:2::3', 'eu-a', 30);
  measured(aggregate, '198.51.100.1', 'eu-a', 40, 0, 2);
  assert.deepEqual(shown(aggregate), {
    '203.0.113.0/24': { 'eu-a': 20, 'us-a': 120 },
    '2001:db8:1::/48': { 'eu-a': 30 },
  });
});

test('a prefix wider than a row is of no row', () => {
  const aggregate = new LatencyAggregate({ finder: FINDS_NOTHING });
  const take = (client: ReturnType<typeof clientOf>) =>
    aggregate.take({ client, target: 'eu-a', ms: 20, samples: 9 }, 0);
  assert.equal(take(clientOf('203.0.0.0', 16)), false);
  assert.equal(take(clientOf('2001:db8::', 47)), false);
  assert.equal(take(clientOf('203.0.113.0', 24)), true);
  assert.deepEqual(shown(aggregate), { '203.0.113.0/24': { 'eu-a': 20 } });
});

test('a country and a system have a row once several prefixes of theirs were measured, however often one was', () => {
  const aggregate = new LatencyAggregate({ finder });
  for (let minute = 0; minute < 180; minute += 1) {
    measured(aggregate, '10.1.1.1', 'eu-a', 900, minute * 60_000);
    measured(aggregate, '10.1.2.1', 'eu-a', 900, minute * 60_000);
  }
  assert.deepEqual(Object.keys(shown(aggregate)).toSorted(), ['10.1.1.0/24', '10.1.2.0/24']);
  const nowMs = 180 * 60_000;
  for (let i = 3; i < 60; i += 1) measured(aggregate, `10.1.${i}.1`, 'eu-a', 25, nowMs, 1);
  const { DE, AS64500 } = shown(aggregate);
  assert.ok(DE!['eu-a']! > 24 && DE!['eu-a']! < 34, String(DE!['eu-a']));
  assert.deepEqual(AS64500, DE);
  for (let i = 3; i < 60; i += 1) measured(aggregate, `10.2.${i}.1`, 'us-a', 25, nowMs, 1);
  assert.deepEqual(Object.keys(shown(aggregate)).toSorted(), ['10.1.1.0/24', '10.1.2.0/24', 'AS64500', 'DE']);
});

test('what was silent is forgotten, and targets that are no more', () => {
  const aggregate = new LatencyAggregate({ finder: FINDS_NOTHING });
  measured(aggregate, '203.0.113.1', 'eu-a', 20, 0);
  measured(aggregate, '203.0.113.1', 'us-a', 120, FORGET_AFTER_MS);
  aggregate.moved = false;
  aggregate.forget(FORGET_AFTER_MS, ALL);
  assert.equal(aggregate.moved, false);
  aggregate.forget(FORGET_AFTER_MS + 1, ALL);
  assert.equal(aggregate.moved, true);
  assert.deepEqual(shown(aggregate), { '203.0.113.0/24': { 'us-a': 120 } });
  aggregate.forget(FORGET_AFTER_MS + 1, (target) => target === 'eu-a');
  assert.equal(aggregate.rows.ipv4.size, 0);
});

test('rows are bounded: those used last stay, and strangers push out nobody who was measured well', () => {
  const aggregate = new LatencyAggregate({
    finder: FINDS_NOTHING,
    limits: { ...LATENCY_LIMITS, prefixes: 2 },
  });
  measured(aggregate, '203.0.113.1', 'eu-a', 20);
  measured(aggregate, '198.51.100.1', 'eu-a', 30);
  for (let i = 0; i < 200; i += 1) measured(aggregate, `10.0.${i}.1`, 'eu-a', 40, 0, 1);
  assert.deepEqual(Object.keys(shown(aggregate)), ['198.51.100.0/24', '203.0.113.0/24']);
  assert.equal(aggregate.rows.ipv4.candidates, 2);
  assert.equal(aggregate.rows.ipv4.dropped, 0);
  measured(aggregate, '203.0.113.1', 'eu-a', 20, 0, 1);
  measured(aggregate, '192.0.2.1', 'eu-a', 30);
  assert.deepEqual(Object.keys(shown(aggregate)), ['192.0.2.0/24', '203.0.113.0/24']);
  assert.equal(aggregate.rows.ipv4.dropped, 1);
});

test('a table with too many cells leaves out the prefixes used least recently', () => {
  const aggregate = new LatencyAggregate({ finder: FINDS_NOTHING });
  for (let i = 0; i < 10; i += 1) measured(aggregate, `10.0.${i}.1`, 'eu-a', 40);
  measured(aggregate, '10.0.0.1', 'us-a', 90);
  assert.deepEqual(Object.keys(shown(aggregate, 6)), ['10.0.0.0/24', '10.0.8.0/24', '10.0.9.0/24']);
});

test('a table is gone on from where another controller left it', () => {
  const first = new LatencyAggregate({ finder });
  for (let i = 0; i < 9; i += 1) measured(first, `10.1.${i}.1`, 'eu-a', 40);
  measured(first, '2001:db8::1', 'us-a', 80);
  const second = new LatencyAggregate({ finder: FINDS_NOTHING });
  second.adopt(packLatencies(first, 1), 60_000, 1_000_000);
  assert.deepEqual(shown(second), shown(first));
  measured(second, '2001:db8::1', 'us-a', 83, 1_000_000);
  assert.equal(shown(second)['2001:db8::/48']!['us-a'], 80, 'near enough');
  second.forget(1_000_000 + FORGET_AFTER_MS - 60_000, ALL);
  assert.equal(second.rows.countries.size, 1);
  second.forget(1_000_001 + FORGET_AFTER_MS - 60_000, ALL);
  assert.deepEqual(Object.keys(shown(second)), ['2001:db8::/48']);
});

test('and what was measured before it was read takes no row out of it', () => {
  const first = new LatencyAggregate({ finder });
  for (let i = 0; i < 9; i += 1) measured(first, `10.1.${i}.1`, 'eu-a', 40);
  const second = new LatencyAggregate({ finder });
  measured(second, '10.1.0.1', 'eu-a', 41, 0, 1);
  second.adopt(packLatencies(first, 1), 1_000, 5_000);
  assert.deepEqual(shown(second), shown(first));
});

test('the table in this process names the row that a client is answered by', () => {
  const aggregate = new LatencyAggregate({ finder });
  for (let i = 0; i < 9; i += 1) measured(aggregate, `10.1.${i}.1`, 'eu-a', 40, 0, 1);
  const { latencies, slotOf, nameOf } = latencyTable(packLatencies(aggregate, 1));
  const { octets } = parseAddress('10.1.200.1')!;
  const address = new Uint8Array(16);
  address.set(octets);
  const place = () => finder.place(octets);
  const row = latencies.find({ family: 4, address, sourceLength: 32, place, system: () => UNKNOWN_SYSTEM });
  assert.equal(nameOf?.(row), 'DE');
  assert.equal(latencies.at(row, slotOf('eu-a')), 40);
  assert.equal(nameOf?.(-1), undefined);
  assert.ok(Number.isNaN(latencies.at(row, slotOf('nobody'))));
});
