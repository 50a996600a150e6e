/** How an explanation is drawn: which pool is the client's, what a target is set to, and what to do without an answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';

import type { Explanation } from '@signpost/contracts/explanation';

import { drawExplanation } from './explain.ts';

const EXPLANATION: Explanation = {
  name: 'go.example.net',
  client: '192.0.2.0/24',
  place: { continent: '', country: '', subdivision: '', prefixLength: 0 },
  outcome: 'steered',
  zone: 'example.net',
  policy: 'global',
  generation: 7,
  rules: [],
  answers: [],
  scope: 18,
};

const MEMBER = { weight: 1, state: 'up' as const, serves: true, reason: 'fine' };
const POOL = { up: 1, minUp: 0, healthyEnough: true, chosen: false };

function draw(changes: Partial<Explanation>): string[] {
  return drawExplanation({ ...EXPLANATION, ...changes }).map(stripVTControlCharacters);
}

function ruleWith(pools: Explanation['rules'][number]['stages'][number]['pools']): Explanation['rules'] {
  const stage = { stage: 'a stage', taken: true, reason: 'healthy', pools };
  return [{ index: 0, when: 'everybody', matched: true, reason: 'yes', prefixLength: 24, stages: [stage] }];
}

test('of several pools each has its name, and the one that the client draws has the tick', () => {
  const pools = [
    { ...POOL, pool: 'eu', members: [{ ...MEMBER, target: 'eu-a' }] },
    { ...POOL, pool: 'us', chosen: true, members: [{ ...MEMBER, target: 'us-a' }] },
  ];
  const lines = draw({ rules: ruleWith(pools) });
  const from = lines.findIndex((line) => line.includes('try a stage'));
  assert.deepEqual(lines.slice(from + 1, from + 5), [
    '        · pool eu',
    '            + eu-a weight 1 up  fine',
    '        ✓ pool us',
    '            + us-a weight 1 up  fine',
  ]);
});

test('a target that is overridden is shown as what it is set to, not as down', () => {
  const drained = { ...MEMBER, target: 'us-a', state: 'down' as const, override: 'drain' as const };
  const reason = 'drained by ops until later: kernel; otherwise up: status 200';
  const pools = [{ ...POOL, pool: 'us', chosen: true, members: [{ ...drained, reason }] }];
  assert.ok(draw({ rules: ruleWith(pools) }).includes(`        + us-a weight 1 drain  ${reason}`));
});

test('the scope is told as the most that it can be, and a name without an answer comes with a remedy', () => {
  assert.equal(draw({}).at(-1), 'scope    /18, or wider where neighbouring networks get the same');
  assert.equal(draw({ scope: 0 }).at(-1), 'scope    /0');
  assert.match(draw({ outcome: 'refused', scope: 0 }).at(-1)!, /no zone .* holds this name; signpost status/);
  assert.match(draw({ outcome: 'nxdomain', scope: 0 }).at(-1)!, /not in zone example\.net; add it/);
  assert.match(draw({ outcome: 'nodata', scope: 0 }).at(-1)!, /names below it in zone example\.net/);
});
