import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answerSampleSchema } from '@signpost/contracts/answer-sample';
import { nowhere, UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import type { ClientView } from '@signpost/policy/match-client';

import { AnswerSamples } from './answer-samples.ts';
import { seededChance } from './chance.ts';
import type { Answered } from './resolvers.ts';
import { configurationOf, nameOf } from './testing/small-world.ts';

const view = (octets: number[], sourceLength: number): ClientView => ({
  family: 4,
  address: Uint8Array.from([...octets, ...Array.from({ length: 12 }, () => 0)]),
  sourceLength,
  place: () => nowhere(8),
  system: () => UNKNOWN_SYSTEM,
});
const resolver = view([192, 0, 2, 53], 32);
const answered = (fields: Partial<Answered> = {}): Answered => ({
  atMs: 1_500,
  resolver,
  view: resolver,
  pool: 'eu',
  isAnswer: true,
  targets: [0],
  ttlMs: 60_000,
  scope: 0,
  ...fields,
});
const samplesOf = (answers: readonly Answered[], seed = 1) => {
  const samples = new AnswerSamples({
    name: nameOf(configurationOf()),
    targets: ['eu-a', 'eu-b', 'us-a'],
    startMs: 1_000_000,
    chance: seededChance(seed, 'samples'),
  });
  for (const answer of answers) samples.note(answer);
  const taken = samples.take();
  assert.deepEqual(samples.take(), [], 'each once');
  return taken;
};

test('a sample is what an authority would tell: names, and no more of addresses than a network', () => {
  const [plain, subnet] = samplesOf([
    answered(),
    answered({ view: view([203, 0, 113, 0], 24), scope: 24, targets: [0, 1] }),
  ]);
  assert.deepEqual(plain, {
    atMs: 1_001_500,
    owner: 'go.example.net',
    type: 'A',
    policy: 'steering',
    pool: 'eu',
    targets: ['eu-a'],
    resolver: '192.0.2.0/24',
    sourceLength: 32,
    scope: 0,
    ttl: 60,
    weight: 1,
  });
  assert.deepEqual(
    [subnet!.resolver, subnet!.client, subnet!.sourceLength, subnet!.scope, subnet!.targets],
    ['192.0.2.0/24', '203.0.113.0/24', 24, 24, ['eu-a', 'eu-b']],
  );
  for (const sample of [plain, subnet]) answerSampleSchema.parse(sample);
});

test('few samples stand for many answers, and their weights for all of them', () => {
  const many = Array.from({ length: 12_345 }, (_, i) => answered({ targets: [i % 3 === 0 ? 1 : 0] }));
  const samples = samplesOf(many);
  assert.ok(samples.length <= 100 && samples.length > 90, String(samples.length));
  assert.equal(
    samples.reduce((sum, { weight }) => sum + weight, 0),
    many.length,
  );
  const shares = [1, 2, 3, 4, 5, 6, 7, 8].map(
    (seed) => samplesOf(many, seed).filter(({ targets }) => targets[0] === 'eu-b').length / 100,
  );
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  assert.ok(Math.abs(mean - 1 / 3) < 0.06, 'which of a block is chance');
});

test('of answers without an address nothing is told', () => {
  assert.deepEqual(samplesOf([answered({ isAnswer: false, targets: [-1] })]), []);
});
