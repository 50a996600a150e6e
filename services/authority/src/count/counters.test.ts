import assert from 'node:assert/strict';
import { test } from 'node:test';

import { COUNTED_TYPES, Counters, countersMemory, readCounters, SIZE_BOUNDS } from './counters.ts';

test('what workers count is read as one sum', () => {
  const memories = [countersMemory(), countersMemory()];
  const [first, second] = memories.map((memory) => new Counters(memory));
  for (const counters of [first!, second!]) {
    counters.request(0, 1, 28);
    counters.request(1, 0, 65_280);
    counters.response(0, 3, 100);
    counters.response(0, 16, 100);
    counters.response(1, 23, 70_000);
    counters.request(2, 1, 28);
    counters.response(2, 0, 468);
    counters.drop('not_a_query');
    counters.drop('rate_limited');
    counters.slip();
    counters.duration(0.000_004);
    counters.setTcpConnections(3);
  }
  const reading = readCounters(memories);
  assert.equal(reading.requests(0, 1, COUNTED_TYPES.indexOf(28)), 2);
  assert.equal(reading.requests(1, 0, COUNTED_TYPES.length), 2);
  assert.equal(reading.requests(0, 0, COUNTED_TYPES.indexOf(28)), 0);
  assert.deepEqual(
    [3, 6, 7].map((slot) => reading.responses(slot)),
    [2, 2, 2],
  );
  assert.equal(reading.dropped('not_a_query'), 2);
  assert.equal(reading.dropped('tcp_timeout'), 0);
  assert.deepEqual([reading.dropped('rate_limited'), reading.slipped], [2, 2]);
  assert.equal(reading.tcpConnections, 6);
  assert.equal(reading.durations[1], 2);
  const { counts, sum } = reading.sizes(0);
  assert.equal(counts[SIZE_BOUNDS.indexOf(128)], 4);
  assert.equal(sum, 400);
  assert.equal(reading.sizes(1).counts.at(-1), 2);
  assert.equal(reading.requests(2, 1, COUNTED_TYPES.indexOf(28)), 2);
  assert.equal(reading.sizes(2).sum, 936);
});
