import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  askContext,
  contextFor,
  group,
  imageOf,
  snapshotOf,
  steeredSet,
  zoneOf,
} from '../testing/sample-zone.ts';
import { ImageSnapshot } from '../image/read-image.ts';
import { LastAnswers } from './last-answers.ts';
import { TargetTimes } from './target-times.ts';

test('each name has a slot of its own that lasts, however many there are', () => {
  const times = new TargetTimes();
  const slots = Array.from({ length: 1_000 }, (_, index) => times.slotOf(`t${index}`));
  assert.equal(new Set(slots).size, 1_000);
  for (const [index, slot] of slots.entries()) times.note(slot, index + 1);
  assert.equal(times.slotOf('t7'), slots[7]);
  assert.equal(times.timeOf('t999'), 1_000);
  assert.equal(times.timeOf('t0'), 1);
  assert.equal(times.timeOf('nobody'), 0);
});

test('an answer notes its target and no other, also when several are given at once', () => {
  const zone = zoneOf('example.net', 'www A 192.0.2.99', {
    'one.example.net|A': steeredSet([group('A', ['192.0.2.1', '192.0.2.2'])]),
    'all.example.net|A': steeredSet([group('A', ['192.0.2.1', '192.0.2.2', '192.0.2.3'], { select: 3 })]),
  });
  const context = contextFor(snapshotOf(zone), (into) => void into.fill(0.9));
  context.snapshot = new ImageSnapshot(imageOf(zone).memory, (target) => context.answered.slotOf(target));
  const times = () => [0, 1, 2].map((index) => context.answered.timeOf(`target-${index}`));
  context.nowMs = 1_000.5;
  askContext(context, { name: 'www.example.net', type: 'A' });
  askContext(context, { name: 'one.example.net', type: 'AAAA' });
  assert.deepEqual(times(), [0, 0, 0]);
  askContext(context, { name: 'one.example.net', type: 'A' });
  assert.deepEqual(times(), [0, 1_000.5, 0]);
  context.nowMs = 2_000;
  askContext(context, { name: 'all.example.net', type: 'A' });
  assert.deepEqual(times(), [2_000, 2_000, 2_000]);
});

test('what left is asked for once, told newest first, and asked again when it left again', async () => {
  let retired = new Map([
    ['a', 1],
    ['b', 2],
    ['never', 3],
  ]);
  const asked: string[] = [];
  const times: Record<string, number> = { a: 1_000.2, b: 5_000, never: 0 };
  const last = new LastAnswers({
    retired: () => retired,
    timesOf: async (targets) => {
      asked.push(targets.join(' '));
      return targets.map((target) => times[target]!);
    },
  });
  const expected = [
    { target: 'b', atMs: 5_000 },
    { target: 'a', atMs: 1_001 },
  ];
  assert.deepEqual(await last.read(6_000), { lastAnswers: expected, lastAnswersCut: false });
  assert.deepEqual((await last.read(7_000)).lastAnswers, expected);
  assert.deepEqual(asked, ['a b never']);
  retired = new Map([['a', 4]]);
  times['a'] = 9_000;
  assert.deepEqual((await last.read(9_000)).lastAnswers, [{ target: 'a', atMs: 9_000 }]);
  assert.deepEqual((await last.read(9_000 + 86_400_000)).lastAnswers, [], 'no cache keeps it for a day');
});

test('a heartbeat says when there was more than it can carry', async () => {
  const names = Array.from({ length: 300 }, (_, index) => [`t${index}`, index + 1] as const);
  const last = new LastAnswers({
    retired: () => new Map(names),
    timesOf: async (targets) => targets.map((_, index) => index + 1),
  });
  const { lastAnswers, lastAnswersCut } = await last.read(1_000);
  assert.deepEqual(
    [lastAnswers.length, lastAnswers[0]!.atMs, lastAnswers.at(-1)!.atMs, lastAnswersCut],
    [256, 300, 45, true],
  );
});
