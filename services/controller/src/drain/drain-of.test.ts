import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AuthorityHeartbeat } from '@signpost/contracts/heartbeats';
import type { OverrideSetting } from '@signpost/contracts/override';

import { NONE_PRESENT } from '../override/overrides-at.ts';
import { INITIAL_STATE, type ControllerState } from '../reconcile/controller-state.ts';
import { exampleConfiguration } from '../testing/example-configuration.ts';
import { buildTopology } from '../topology/topology.ts';
import { drainOf } from './drain-of.ts';
import type { PublishedTarget } from './published-targets.ts';

const T = 1_000_000_000;
const topology = buildTopology(exampleConfiguration());
const GONE: PublishedTarget = { isPresent: false, ttls: new Map([[30, T]]), goneSince: 7 };

interface World {
  readonly set?: OverrideSetting;
  readonly published?: PublishedTarget | undefined;
  readonly authorities?: readonly (Partial<AuthorityHeartbeat> & { silentMs?: number })[];
}

const answered = (atMs: number) => [{ target: 'eu-a', atMs }];

function look(
  { set = 'drain', published = GONE, authorities = [{}] }: World,
  wallMs: number,
  cleared = false,
) {
  const override = {
    id: 'x',
    match: 'eu-a',
    set,
    by: 'ops',
    reason: 'r',
    source: 'human' as const,
    sinceMs: T,
    untilMs: T * 2,
  };
  const state: ControllerState = {
    ...INITIAL_STATE,
    configuration: { revision: 1, hash: '', atMs: 0, fileHash: undefined, written: {}, topology },
    present: { ...NONE_PRESENT, inForce: new Map([['eu-a', override]]) },
    records: { generation: 9 as never, zones: new Map() },
    published: { records: undefined, targets: new Map(cleared ? [] : [['eu-a', published]]) },
    authorities: new Map(
      authorities.map(({ silentMs = 0, ...beat }, index) => [
        `n${index}`,
        {
          heardAtMs: 10_000 - silentMs,
          beat: {
            node: `n${index}`,
            incarnation: 1_000,
            sequence: 1,
            generation: 9,
            ready: true,
            storeConnected: true,
            listens: [],
            lastAnswers: answered(T),
            lastAnswersCut: false,
            ...beat,
          },
        },
      ]),
    ),
  };
  return drainOf(state, 'eu-a', { wallMs, monotonicMs: 10_000 })!;
}

test('caches are empty one TTL after the last answer of any authority', () => {
  const world = { authorities: [{ lastAnswers: answered(T - 500) }, { lastAnswers: answered(T + 40) }] };
  const drain = look(world, T + 30_039);
  assert.deepEqual(
    [drain.phase, drain.ttlSeconds, drain.lastAnswerMs, drain.cachesEmptyAtMs, drain.generation],
    ['caching', 30, T + 40, T + 30_040, 7],
  );
  assert.equal(look(world, T + 30_040).phase, 'empty');
});

test('every authority that lives must have applied it, and a silent one is waited for', () => {
  assert.equal(look({ authorities: [] }, T).phase, 'applying');
  const behind = look({ authorities: [{}, { generation: 6 }] }, T + 99_000);
  assert.deepEqual([behind.phase, behind.reason], ['applying', 'n1 has not applied generation 7 yet']);
  const silent = look({ authorities: [{ silentMs: 4_000 }] }, T + 99_000);
  assert.deepEqual([silent.phase, silent.authorities[0]!.live], ['applying', false]);
  assert.match(silent.reason, /n0 is silent/);
});

test('an authority cannot tell of what was answered in its place before it started', () => {
  const drain = look({ authorities: [{ incarnation: T + 5_000, lastAnswers: [] }] }, T + 20_000);
  assert.deepEqual(
    [drain.phase, drain.cachesEmptyAtMs, drain.lastAnswerMs],
    ['caching', T + 35_000, undefined],
  );
  assert.match(drain.reason, /n0 cannot tell of answers before/);
});

test('what a full heartbeat left out is not newer than the last it lists', () => {
  const lastAnswers = [{ target: 'other', atMs: T + 700 }];
  const cut = look({ authorities: [{ lastAnswers, lastAnswersCut: true }] }, T);
  assert.equal(cut.cachesEmptyAtMs, T + 30_700);
  assert.equal(
    look({ authorities: [{ lastAnswers }] }, T).phase,
    'empty',
    'never answered: nothing to wait for',
  );
});

test('a TTL that was lowered long enough before does not count any more', () => {
  const lowered = (highUntilMs: number): PublishedTarget => ({
    ...GONE,
    ttls: new Map([
      [60, highUntilMs],
      [10, T],
    ]),
  });
  assert.equal(look({ published: lowered(T - 65_000) }, T).cachesEmptyAtMs, T + 10_000);
  const late = look({ published: lowered(T - 20_000) }, T);
  assert.deepEqual([late.ttlSeconds, late.cachesEmptyAtMs], [60, T - 20_000 + 5_000 + 60_000]);
  const at = (ms: number) => new Date(ms).toISOString();
  assert.equal(
    late.reason,
    `last answer given at ${at(T)}, with a TTL of 60 s by ${at(T - 15_000)} and a shorter one since, caches empty at ${at(T + 45_000)}`,
  );
  const plain = look({ published: lowered(T - 65_000) }, T).reason;
  assert.equal(plain, `last answer given at ${at(T)}, caches empty at ${at(T + 10_000)}`);
});

test('what was published before this controller looked is taken to have had the longest TTL configured', () => {
  const drain = look({}, T, true);
  assert.deepEqual([drain.ttlSeconds, drain.generation], [30, 9]);
});

test('without something that withdraws it there is no drain', () => {
  assert.equal(look({ set: 'up' }, T).phase, 'none');
  assert.equal(look({ set: 'down' }, T).phase, 'caching');
});
