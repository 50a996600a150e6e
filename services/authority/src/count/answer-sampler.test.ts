import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answersSampledSchema } from '@signpost/contracts/answer-sample';
import { RRType } from '@signpost/dns/constants';
import { encodeQuery } from '@signpost/testkit/dns-client';

import { RateLimiter } from '../limit/rate-limiter.ts';
import { rateTableMemory } from '../limit/rate-table.ts';
import { ImageSnapshot } from '../image/read-image.ts';
import {
  askContext,
  contextFor,
  group,
  imageOf,
  type Question,
  respond,
  snapshotOf,
  steeredSet,
  zoneOf,
} from '../testing/sample-zone.ts';
import { AnswerSampler } from './answer-sampler.ts';
import { readSamples } from './read-samples.ts';

const WWW: Question = { name: 'www.example.net', type: 'A' };
const NOW_MS = 1_700_000_000_123;

function sampling(wanted: number, seed = 7) {
  const zone = zoneOf(
    'example.net',
    `plain A 192.0.2.9
     alias CNAME www.example.net.
     gone CNAME out.example.org.`,
    {
      'www.example.net|A': steeredSet([group('A', ['192.0.2.1', '192.0.2.2'], { select: 2 })]),
      '*.wild.example.net|AAAA': steeredSet([group('AAAA', ['2001:db8::1'], { pool: 'six' })], { ttl: 30 }),
      'none.example.net|A': steeredSet([group('A', [])]),
      'out.example.net|A': steeredSet([group('CNAME', ['none.example.net.'])]),
    },
  );
  const context = contextFor(snapshotOf(zone), (into) => void into.fill(0));
  context.snapshot = new ImageSnapshot(imageOf(zone).memory, (target) => context.answered.slotOf(target));
  context.nowMs = NOW_MS;
  const sampler = new AnswerSampler(wanted, seed);
  context.sampler = sampler;
  const read = () => [...readSamples(sampler, context.answered)].flatMap(([, samples]) => samples);
  return { context, sampler, read };
}

test('the pace follows the rate, and weights add up to the answers', () => {
  const { context, sampler } = sampling(10);
  const sums: number[] = [];
  const counts: number[] = [];
  for (const answers of [7, 1_000, 1_000, 1_000, 20, 20, 20, 20, 20, 20, 20, 20]) {
    for (let i = 0; i < answers; i += 1) askContext(context, WWW);
    const weights = [...sampler.weights.subarray(0, sampler.count)];
    sums.push(weights.reduce((sum, weight) => sum + weight, 0) / answers);
    counts.push(sampler.count);
    sampler.drained();
  }
  assert.deepEqual(counts.slice(0, 1), [7], 'a slow rate is sampled whole');
  for (const count of counts) assert.ok(count <= 30, `${count} samples where 10 were wanted`);
  for (const sum of sums.slice(0, 4)) assert.ok(Math.abs(sum - 1) < 0.35, `weights add up to ${sum}`);
  assert.ok(counts.at(-1)! >= 10, 'a rate that fell is sampled more densely again');
});

test('over many seeds the weights are right in the mean, also where the pace changes', () => {
  let weights = 0;
  for (let seed = 1; seed <= 400; seed += 1) {
    const { context, sampler } = sampling(4, seed * 7919);
    for (const answers of [3, 40, 25]) {
      for (let i = 0; i < answers; i += 1) askContext(context, WWW);
      for (let row = 0; row < sampler.count; row += 1) weights += sampler.weights[row]!;
      sampler.drained();
    }
  }
  const mean = weights / 400;
  assert.ok(Math.abs(mean - 68) < 2, `${mean} for 68 answers`);
});

test('nothing but steered answers that were sent is sampled', () => {
  const { context, sampler } = sampling(100);
  for (const name of ['plain', 'missing', 'none', 'gone', 'out']) {
    askContext(context, { name: `${name}.example.net`, type: 'A' });
  }
  askContext(context, { name: 'www.example.com', type: 'A' });
  askContext(context, { name: 'www.example.net', type: 'MX' });
  // Of these only `out`, whose alias a policy chose.
  assert.equal(sampler.count, 1);
  assert.equal(sampler.policies[0]!.groups[sampler.groups[0]!]!.type, RRType.CNAME);
});

test('what the rate limit withholds is not sampled', () => {
  const { context, sampler } = sampling(100);
  const limits = { perSecond: 3, windowMs: 15_000, slip: 2, exempt: [] };
  context.limiter = new RateLimiter(rateTableMemory(2 ** 8), new Uint8Array(8), limits, () => 0);
  for (let i = 0; i < 50; i += 1) respond(context, encodeQuery(WWW));
  assert.ok(sampler.count > 0 && sampler.count < 10, `${sampler.count} samples`);
});

test('a sample tells what was asked and given, and no more of an address than a network', () => {
  const { context, read } = sampling(100);
  askContext(context, { name: 'alias.example.net', type: 'A' });
  askContext(context, { name: 'x.wild.example.net', type: 'AAAA', edns: true, subnet: '198.51.100.77/32' });
  askContext(context, { name: 'y.wild.example.net', type: 'AAAA', edns: true, subnet: '2001:db8:1:2::/64' });
  askContext(context, { name: 'z.wild.example.net', type: 'AAAA', edns: true, subnet: '10.0.0.0/8' });
  const wild = {
    atMs: Math.floor(NOW_MS),
    owner: '*.wild.example.net',
    type: 'AAAA',
    policy: 'web',
    pool: 'six',
    targets: ['target-0'],
    resolver: '192.0.2.0/24',
    ttl: 30,
    weight: 1,
    scope: 0,
  };
  const www = { ...wild, owner: 'www.example.net', type: 'A', pool: 'pool', ttl: 20, sourceLength: 32 };
  const samples = read();
  assert.deepEqual(samples, [
    { ...www, targets: ['target-0', 'target-1'] },
    { ...wild, client: '198.51.100.0/24', sourceLength: 32 },
    { ...wild, client: '2001:db8:1::/56', sourceLength: 64 },
    { ...wild, client: '10.0.0.0/8', sourceLength: 8 },
  ]);
  const data = { zone: 'example.net', node: 'n', samples };
  assert.deepEqual(answersSampledSchema.parse(data), data);
  assert.deepEqual(read(), []);
});
