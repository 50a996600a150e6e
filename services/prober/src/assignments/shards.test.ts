import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { encodeJson } from '@signpost/contracts/decode';
import type { Assignment, AssignmentShard } from '@signpost/contracts/probe-assignment';

import { Shards } from './shards.ts';

function assignment(target: string, intervalMs = 1_000): Assignment {
  return {
    monitor: 'site',
    target,
    probe: { type: 'tcp' },
    checks: [{ families: ['ipv4'], address: '192.0.2.1', port: 80 }],
    intervalMs,
    timeoutMs: 500,
    rise: 1,
    fall: 1,
    phase: 0,
  };
}

const shard = (number: number, assignments: Assignment[], vantage = 'eu') =>
  encodeJson({ vantage, shard: number, assignments } satisfies AssignmentShard);

const targets = (shards: Shards) => shards.list().map(({ target }) => target);

describe('Shards', () => {
  test('puts the shards of the vantage together', () => {
    const shards = new Shards('eu');
    shards.set('eu.0', shard(0, [assignment('a')]));
    shards.set('eu.1', shard(1, [assignment('b')]));
    assert.deepEqual(targets(shards), ['a', 'b']);
    shards.set('eu.0', undefined);
    assert.deepEqual(targets(shards), ['b']);
  });

  test('keeps the last good one when a shard cannot be read', () => {
    const shards = new Shards('eu');
    shards.set('eu.0', shard(0, [assignment('a')]));
    assert.equal(shards.set('eu.0', new TextEncoder().encode('{"vantage":')).kind, 'refused');
    assert.equal(shards.set('eu.0', shard(0, [{ ...assignment('b'), phase: 7 }])).kind, 'refused');
    assert.deepEqual(targets(shards), ['a']);
  });

  test('refuses what is meant for another vantage', () => {
    const shards = new Shards('eu');
    const outcome = shards.set('eu.0', shard(0, [assignment('a')], 'us'));
    assert.deepEqual(outcome, { kind: 'refused', reason: 'vantage: expected eu, got us' });
  });

  test('lists a pair once, as the shard written last has it', () => {
    const shards = new Shards('eu');
    shards.set('eu.0', shard(0, [assignment('a', 1_000)]));
    shards.set('eu.1', shard(1, [assignment('a', 2_000)]));
    assert.deepEqual(
      shards.list().map(({ intervalMs }) => intervalMs),
      [2_000],
    );
    shards.set('eu.0', shard(0, [assignment('a', 3_000)]));
    assert.deepEqual(
      shards.list().map(({ intervalMs }) => intervalMs),
      [3_000],
    );
  });
});
