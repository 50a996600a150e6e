import assert from 'node:assert/strict';
import { test } from 'node:test';

import { matchTargets } from '@signpost/config/match-targets';
import type { Override, StoredOverride } from '@signpost/contracts/override';
import * as fc from 'fast-check';

import { EXAMPLE_YAML, exampleConfiguration } from '../testing/example-configuration.ts';
import { buildTopology } from '../topology/topology.ts';
import { hasEnded, overridesAt, overrideView } from './overrides-at.ts';

const NOON = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;
const topology = buildTopology(exampleConfiguration());

function override(fields: Partial<StoredOverride>): StoredOverride {
  return {
    id: 'x',
    match: 'eu-a',
    set: 'drain',
    by: 'ops',
    reason: 'because',
    source: 'human',
    sinceMs: NOON,
    untilMs: NOON + HOUR,
    ...fields,
  };
}

const inForce = (overrides: readonly StoredOverride[], atMs = NOON) =>
  Object.fromEntries(
    [...overridesAt(overrides, topology, atMs).inForce].map(([target, { id }]) => [target, id]),
  );

test('a human outranks an external system; of equals the latest counts, however wide it matches', () => {
  const wide = override({ id: 'wide', match: '*' });
  const later = override({ id: 'later', match: 'pool/eu', sinceMs: NOON + 1 });
  const system = override({ id: 'system', match: 'eu-a', source: 'external', sinceMs: NOON + 2 });
  assert.deepEqual(inForce([wide, later, system]), {
    'eu-a': 'later',
    'eu-b': 'later',
    'us-a': 'wide',
    'static-a': 'wide',
  });
  assert.deepEqual(inForce([later, { ...wide, sinceMs: NOON + 5 }])['eu-a'], 'wide');
  assert.deepEqual(inForce([system]), { 'eu-a': 'system' });
});

test('it ends by the clock, to the millisecond, or when it is lifted; what stands below counts again', () => {
  const short = override({ id: 'short', sinceMs: NOON + 1 });
  const long = override({ id: 'long', untilMs: NOON + 2 * HOUR });
  assert.deepEqual(inForce([short, long], NOON + HOUR - 1), { 'eu-a': 'short' });
  assert.deepEqual(inForce([short, long], NOON + HOUR), { 'eu-a': 'long' });
  assert.deepEqual(inForce([short, long], NOON + 2 * HOUR), {});
  const lifted = { by: 'ops', reason: 'done', atMs: NOON };
  assert.deepEqual(inForce([{ ...short, lifted }, long]), { 'eu-a': 'long' });
});

test('a window of the configuration begins and ends by the clock, and TTLs are short one TTL ahead', () => {
  const planned = buildTopology(
    exampleConfiguration(
      `${EXAMPLE_YAML}maintenance: [{ match: eu-*, from: "2026-06-01T12:00:00Z", for: 1h, by: ops, reason: kernel }]\n`,
    ),
  );
  const at = (ms: number) => overridesAt([], planned, ms);
  const isNear = (ms: number) => overrideView(at(ms)).beginsWithin('eu-a', 30);
  assert.equal(isNear(NOON - 33_000), false);
  assert.equal(isNear(NOON - 31_000), true);
  assert.deepEqual(
    at(NOON - 1).planned.map(({ match }) => match),
    ['eu-*'],
  );
  assert.deepEqual([...at(NOON - 1).inForce], []);
  assert.deepEqual([...at(NOON).inForce.keys()], ['eu-a', 'eu-b']);
  assert.equal(isNear(NOON), false);
  assert.deepEqual([...at(NOON + HOUR).inForce], []);
});

test('one of the configuration without a beginning is older than any that somebody makes', () => {
  const listed = buildTopology(
    exampleConfiguration(
      `${EXAMPLE_YAML}overrides: [{ match: eu-a, set: down, until: "2026-06-02T12:00:00Z", by: ops, reason: broken }]\n`,
    ),
  );
  assert.equal(overridesAt([], listed, NOON).inForce.get('eu-a')?.set, 'down');
  assert.equal(overridesAt([override({ set: 'up' })], listed, NOON).inForce.get('eu-a')?.set, 'up');
});

test('nothing new is made while nothing changes', () => {
  const first = overridesAt([override({})], topology, NOON);
  assert.equal(overridesAt([override({})], topology, NOON + 1_000, first), first);
  assert.notEqual(overridesAt([override({})], topology, NOON + HOUR, first), first);
});

const arbitraryOverride = fc
  .record({
    match: fc.constantFrom('eu-a', 'eu-*', '*', 'pool/us', 'site/none', '*-a'),
    source: fc.constantFrom<Override['source']>('human', 'external'),
    sinceMs: fc.integer({ min: 0, max: 5 }),
    untilMs: fc.integer({ min: 1, max: 9 }),
    lifted: fc.option(fc.constant({ by: 'o', reason: 'r', atMs: 0 }), { nil: undefined }),
  })
  .map(override);

test('for every target the one in force is the strongest of those that match and have not ended, in any order', () => {
  const list = fc
    .array(arbitraryOverride, { maxLength: 8 })
    .map((all) => all.map((each, index) => ({ ...each, id: `o${index}` })));
  fc.assert(
    fc.property(list, fc.integer({ min: 0, max: 9 }), (all, nowMs) => {
      const found = inForce(all, nowMs);
      assert.deepEqual(inForce(all.toReversed(), nowMs), found);
      for (const target of Object.keys(topology.configuration.targets)) {
        const able = all.filter(
          (each) =>
            !hasEnded(each, nowMs) && matchTargets(each.match, topology.configuration).includes(target),
        );
        const humans = able.filter(({ source }) => source === 'human');
        const rank = humans.length > 0 ? humans : able;
        const latest = Math.max(...rank.map(({ sinceMs }) => sinceMs));
        const best = rank.filter(({ sinceMs }) => sinceMs === latest).map(({ id }) => id);
        assert.equal(found[target], best.toSorted()[0]);
      }
    }),
  );
});
