import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Place } from '@signpost/contracts/place';
import type { AnswerGroup, SteeredRecordSet } from '@signpost/contracts/record-set';
import { parseAddress } from '@signpost/dns/address';

import { createChance, furtherDraw, seedOf } from './chance.ts';
import { clientOf } from './reference/arbitrary-client.ts';
import {
  createSelection,
  MAX_SELECT,
  prepareSteering,
  selectAnswer,
  type Selection,
} from './select-answer.ts';

const OWNER = 'www.example.org';
const SWEEP = 12_000;

function groupOf(weights: number[], options: Partial<AnswerGroup> = {}): AnswerGroup {
  const answers = weights.map((weight, i) => ({ rdata: `192.0.2.${i}`, target: `t${i}`, weight }));
  return { pool: 'p', type: 'A', pick: 'weighted', select: 1, standing: 'healthy', answers, ...options };
}

function setOf(parts: Partial<SteeredRecordSet>): SteeredRecordSet {
  return {
    kind: 'steered',
    ttl: 30,
    policy: 'p',
    rules: [{ branch: 0 }],
    branches: [{ group: 0 }],
    groups: [groupOf([1])],
    ...parts,
  };
}

/** Two branches: rule 0 leads to group 0, everybody else to group 1. */
function ruleSet(when: { subnets?: string[]; geos?: string[] }): SteeredRecordSet {
  return setOf({
    rules: [{ when: [when], branch: 0 }, { branch: 1 }],
    branches: [{ group: 0 }, { group: 1 }],
    groups: [groupOf([1]), groupOf([1])],
  });
}

function client(text: string, sourceLength?: number, place?: Place) {
  const { family, octets } = parseAddress(text)!;
  const view = clientOf(family, octets, sourceLength ?? octets.length * 8);
  return place === undefined ? view : { ...view, place: () => place };
}

function select(set: SteeredRecordSet, view = client('198.51.100.1'), draw = 0, turn = 0): Selection {
  const selection = createSelection();
  selectAnswer(prepareSteering(set), view, createChance(seedOf(set, OWNER), draw, turn), selection);
  return selection;
}

function picked({ answers, count }: Selection): number[] {
  return [...answers.subarray(0, count)];
}

test('over a sweep of draws every answer gets exactly its share, at any position of a weight of 0', () => {
  for (const weights of [
    [1],
    [1, 1],
    [3, 2, 1],
    [0, 1, 3],
    [1, 0, 2],
    [2, 1, 0],
    [0, 0, 5, 0],
    [80, 20],
    [0, 0, 0],
  ]) {
    const steering = prepareSteering(setOf({ groups: [groupOf(weights)] }));
    const selection = createSelection();
    const chance = createChance();
    const hits = weights.map(() => 0);
    for (let i = 0; i < SWEEP; i += 1) {
      chance.draw[0] = i / SWEEP;
      selectAnswer(steering, client('198.51.100.1'), chance, selection);
      hits[selection.answers[0]!]! += 1;
    }
    const counting = weights.some((weight) => weight > 0) ? weights : weights.map(() => 1);
    const total = counting.reduce((sum, weight) => sum + weight, 0);
    assert.deepEqual(
      hits,
      counting.map((weight) => (SWEEP * weight) / total),
      `weights ${weights.join(' ')}`,
    );
  }
});

test('the ends of the range of draws stay inside the weights', () => {
  const set = setOf({ groups: [groupOf([0, 1, 2, 0])] });
  assert.deepEqual(picked(select(set, undefined, 0)), [1]);
  assert.deepEqual(picked(select(set, undefined, 1 / 3 - Number.EPSILON)), [1]);
  assert.deepEqual(picked(select(set, undefined, 1 / 3)), [2]);
  assert.deepEqual(picked(select(set, undefined, 1 - Number.EPSILON / 2)), [2]);
});

test('the second answer is drawn by weight from what the first one left', () => {
  // 2:1:1 with two draws: P(a first) = 1/2 and then b or c equally; P(b first) = 1/4 and then a 2/3, c 1/3.
  const steering = prepareSteering(setOf({ groups: [groupOf([2, 1, 1], { select: 2 })] }));
  const selection = createSelection();
  const chance = createChance();
  const pairs = new Map<string, number>();
  for (let i = 0; i < SWEEP; i += 1) {
    chance.draw[0] = (i + 0.5) / SWEEP;
    selectAnswer(steering, client('198.51.100.1'), chance, selection);
    const pair = picked(selection).join();
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  const expected = { '0,1': 1 / 4, '0,2': 1 / 4, '1,0': 1 / 6, '1,2': 1 / 12, '2,0': 1 / 6, '2,1': 1 / 12 };
  for (const [pair, share] of Object.entries(expected)) {
    assert.ok(Math.abs((pairs.get(pair) ?? 0) / SWEEP - share) < 0.015, `${pair}: ${pairs.get(pair)}`);
  }
});

test('select gives different answers, never one of weight 0, and no more than there are', () => {
  for (let i = 0; i < 1_000; i += 1) {
    const answers = picked(
      select(setOf({ groups: [groupOf([1, 0, 5, 1, 2], { select: 3 })] }), undefined, i / 1_000),
    );
    assert.equal(new Set(answers).size, 3);
    assert.ok(!answers.includes(1));
  }
  assert.equal(select(setOf({ groups: [groupOf([1, 0, 5], { select: 3 })] })).count, 2);
  assert.equal(
    select(setOf({ groups: [groupOf(Array<number>(100).fill(1), { select: MAX_SELECT })] })).count,
    MAX_SELECT,
  );
});

test('round robin walks on by one answer each turn and skips answers of weight 0', () => {
  const set = setOf({ groups: [groupOf([1, 0, 7, 1], { pick: 'round_robin', select: 2 })] });
  const turns = [0, 1, 2, 3, 4_294_967_295].map((turn) => picked(select(set, undefined, 0.9, turn)));
  assert.deepEqual(turns, [
    [0, 2],
    [2, 3],
    [3, 0],
    [0, 2],
    [0, 2],
  ]);
});

test('a group without answers is NODATA, and says which group', () => {
  const selection = select(setOf({ groups: [groupOf([])] }));
  assert.equal(selection.count, 0);
  assert.equal(selection.group, 0);
});

test('a selection that is used again keeps nothing of the one before', () => {
  const selection = createSelection();
  const chance = createChance(0, 0.7, 5);
  selectAnswer(prepareSteering(ruleSet({ subnets: ['10.0.0.0/8'] })), client('10.1.1.1'), chance, selection);
  assert.equal(selection.scope, 8);
  selectAnswer(prepareSteering(setOf({ groups: [groupOf([])] })), client('10.1.1.1'), chance, selection);
  assert.deepEqual([selection.scope, selection.count, selection.group], [0, 0, 0]);
});

test('a subnet matches by its own length, and a stranger is told apart by the first bit that differs', () => {
  const set = ruleSet({ subnets: ['10.0.0.0/8', '192.0.2.0/24'] });
  const outcome = (view: ReturnType<typeof client>) => {
    const { group, scope } = select(set, view);
    return { group, scope };
  };
  assert.deepEqual(outcome(client('10.9.9.9')), { group: 0, scope: 8 });
  assert.deepEqual(outcome(client('192.0.2.77')), { group: 0, scope: 24 });
  assert.deepEqual(outcome(client('192.0.3.77')), { group: 1, scope: 24 });
  assert.deepEqual(outcome(client('192.1.3.77')), { group: 1, scope: 16 });
  assert.deepEqual(outcome(client('11.0.0.1')), { group: 1, scope: 8 });
  assert.deepEqual(outcome(client('128.0.0.1')), { group: 1, scope: 2 });
  assert.deepEqual(outcome(client('2001:db8::1')), { group: 1, scope: 0 });
});

test('a subnet longer than what is known of the client does not match, and the scope asks for one bit more', () => {
  const set = ruleSet({ subnets: ['10.0.0.0/28'] });
  const { group, scope } = select(set, client('10.0.0.0', 24));
  assert.deepEqual({ group, scope }, { group: 1, scope: 25 });
  assert.equal(select(set, client('10.0.0.0', 28)).group, 0);
});

test('a place counts with the bits that the look-up took, matched or not, and is looked up once', () => {
  const london: Place = { continent: 'EU', country: 'GB', subdivision: 'ENG', prefixLength: 19 };
  const matched = select(ruleSet({ geos: ['AS', 'EU-GB'] }), client('198.51.100.1', 24, london));
  assert.deepEqual([matched.group, matched.scope], [0, 19]);
  const stranger = select(ruleSet({ geos: ['NA'] }), client('198.51.100.1', 16, london));
  assert.deepEqual([stranger.group, stranger.scope], [1, 19]);

  let lookUps = 0;
  const counting = {
    ...client('198.51.100.1'),
    place: () => {
      lookUps += 1;
      return london;
    },
  };
  const set = setOf({
    rules: [{ when: [{ geos: ['NA'] }], branch: 0 }, { when: [{ geos: ['AS'] }], branch: 0 }, { branch: 0 }],
  });
  select(set, counting);
  assert.equal(lookUps, 1);
  select(ruleSet({ subnets: ['10.0.0.0/8'], geos: ['EU'] }), counting);
  assert.equal(lookUps, 1, 'not looked up when the subnets already exclude the client');
  select(setOf({}), counting);
  assert.equal(lookUps, 1, 'not looked up when nothing depends on it');
});

test('subnets and geos of a rule must both hold', () => {
  const london: Place = { continent: 'EU', country: 'GB', subdivision: '', prefixLength: 12 };
  const set = ruleSet({ subnets: ['10.0.0.0/8'], geos: ['EU'] });
  const groups = [
    client('10.1.1.1', 32, london),
    client('11.1.1.1', 32, london),
    client('10.1.1.1', 32, { ...london, continent: 'NA' }),
  ];
  assert.deepEqual(
    groups.map((view) => select(set, view).group),
    [0, 1, 1],
  );
});

const weightedSet = setOf({
  rules: [{ branch: 3 }],
  branches: [
    { group: 0 },
    { group: 1 },
    { group: 2 },
    {
      weighted: [
        { branch: 0, weight: 90, key: 'eu' },
        { branch: 1, weight: 10, key: 'us' },
        { branch: 2, weight: 0, key: 'ap' },
      ],
    },
  ],
  groups: [groupOf([1]), groupOf([1]), groupOf([1])],
});

test('weighted pools stick to the client network and ask for /24 and /56', () => {
  assert.equal(select(weightedSet, client('198.51.100.1')).scope, 24);
  assert.equal(select(weightedSet, client('198.51.100.0', 20)).scope, 24);
  assert.equal(select(weightedSet, client('2001:db8::1')).scope, 56);
  for (let network = 0; network < 256; network += 1) {
    const first = select(weightedSet, client(`198.51.${network}.1`), 0.1);
    assert.equal(select(weightedSet, client(`198.51.${network}.250`), 0.9).group, first.group);
    assert.equal(select(weightedSet, client(`198.51.${network}.0`, 24), 0.5).group, first.group);
  }
});

test('weighted pools share the networks of the world by weight, in each family', () => {
  const steering = prepareSteering(weightedSet);
  const chance = createChance(seedOf(weightedSet, OWNER));
  const selection = createSelection();
  for (const family of [4, 6] as const) {
    const hits = [0, 0, 0];
    for (let i = 0; i < 20_000; i += 1) {
      const octets = Uint8Array.from({ length: 16 }, (_, at) => (at < 3 ? (i >> (8 * (2 - at))) & 0xff : 0));
      selectAnswer(steering, clientOf(family, octets, 24), chance, selection);
      hits[selection.group]! += 1;
    }
    assert.equal(hits[2], 0);
    assert.ok(Math.abs(hits[1]! / 20_000 - 0.1) < 0.01, `family ${family}: ${hits.join(' ')}`);
  }
});

test('further draws are spread evenly and do not follow the first', () => {
  const tenths = Array<number>(100).fill(0);
  for (let i = 0; i < 20_000; i += 1) {
    const draw = (i + 0.5) / 20_000;
    const further = furtherDraw(Float64Array.of(draw), 1);
    assert.ok(further >= 0 && further < 1);
    tenths[Math.floor(draw * 10) * 10 + Math.floor(further * 10)]! += 1;
  }
  for (const count of tenths) assert.ok(Math.abs(count - 200) < 70, String(count));
  const draw = Float64Array.of(0.3);
  assert.notEqual(furtherDraw(draw, 1), furtherDraw(draw, 2));
});

test('a set that does not hold together is refused when it is prepared, not when it is asked', () => {
  const broken = [
    setOf({ rules: [{ branch: 1 }] }),
    setOf({ branches: [{ group: 1 }] }),
    setOf({ branches: [{ group: 0 }, { nearest: [{ branch: 1, at: [], stretch: 1 }] }] }),
    setOf({ branches: [{ weighted: [{ branch: 1, weight: 1, key: 'a' }] }, { group: 0 }] }),
    setOf({ rules: [{ when: [{ geos: ['EU'] }], branch: 0 }] }),
    setOf({ rules: [] }),
    setOf({ groups: [groupOf([-1])] }),
    setOf({ groups: [groupOf([0.5])] }),
    ruleSet({ subnets: ['10.0.0.1/8'] }),
  ];
  for (const set of broken) assert.throws(() => prepareSteering(set), RangeError);
});
