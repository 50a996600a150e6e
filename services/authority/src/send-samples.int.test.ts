/** Samples of answers from queries over real sockets to a subscriber at a real NATS server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type AnswerSample, answersSampled } from '@signpost/contracts/answer-sample';
import { decodeEvent } from '@signpost/contracts/cloud-event';
import { patterns, subjects } from '@signpost/contracts/subjects';
import { createMemoryRecordStore } from '@signpost/memory/record-store';
import { connectMessaging } from '@signpost/nats/messaging';
import { eventually } from '@signpost/testkit/eventually';
import { startNats } from '@signpost/testkit/start-nats';

import { publish } from './testing/memory-sink.ts';
import { startAuthority } from './testing/running-authority.ts';
import { group, steeredSet, zoneOf } from './testing/sample-zone.ts';
import { DEFAULT_ANSWER_SETTINGS } from './worker/answer-settings.ts';

const PER_SECOND = 40;
const QUERIES = 1_200;
const AT_ONCE = 50;

test('samples of both workers reach NATS by zone and stand for all answers, few as they are', async (t) => {
  await using server = await startNats();
  const reach = { url: server.url, signal: new AbortController().signal };
  await using subscriber = await connectMessaging({ ...reach, name: 'subscriber' });
  const samples: AnswerSample[] = [];
  const refused: string[] = [];
  using _heard = subscriber.core.subscribe(patterns.answerSamples, ({ subject, data }) => {
    const event = decodeEvent(answersSampled, data);
    if (!event.ok) {
      refused.push(event.reason);
      return;
    }
    assert.equal(subject, subjects.answersSampled(event.value.data.zone));
    assert.equal(event.value.data.node, 'test');
    samples.push(...event.value.data.samples);
  });
  const messaging = await connectMessaging({ ...reach, name: 'authority' });
  t.after(() => messaging[Symbol.asyncDispose]());
  const store = createMemoryRecordStore();
  await publish(store.writer, [
    zoneOf('example.net', 'plain A 192.0.2.9', {
      'www.example.net|A': steeredSet([group('A', ['192.0.2.1', '192.0.2.2'])], {
        rules: [{ when: [{ subnets: ['203.0.113.0/24'] }], branch: 1 }, { branch: 0 }],
        branches: [{ group: 0 }, { group: 0 }],
        ttl: 45,
      }),
    }),
  ]);
  const answering = { ...DEFAULT_ANSWER_SETTINGS, samplesPerSecond: PER_SECOND };
  const authority = await startAuthority(t, { messaging, answering }, store);
  const startMs = Date.now();
  for (let i = 0; i < QUERIES; i += AT_ONCE) {
    const questions = Array.from({ length: AT_ONCE }, () =>
      authority.ask({ name: 'WWW.example.net', type: 'A', edns: true, subnet: '203.0.113.77/32' }),
    );
    await Promise.all(questions);
    await authority.ask({ name: 'plain.example.net', type: 'A' });
  }
  const total = () => samples.reduce((sum, { weight }) => sum + weight, 0);
  const tookSeconds = Math.ceil((Date.now() - startMs) / 1_000) + 2;
  await eventually(async () => total() > QUERIES * 0.8);
  assert.ok(Math.abs(total() / QUERIES - 1) < 0.2, `${total()} of ${QUERIES}`);
  // Four times as many at most, in a second in which the pace had to be found.
  assert.ok(samples.length < 4 * PER_SECOND * tookSeconds, `${samples.length} in ${tookSeconds} s`);
  const { atMs, weight: _, targets, ...sample } = samples.at(-1)!;
  assert.ok(atMs >= startMs - 1 && atMs <= Date.now());
  assert.match(targets.join(), /^target-[01]$/);
  assert.deepEqual(sample, {
    owner: 'www.example.net',
    type: 'A',
    policy: 'web',
    pool: 'pool',
    resolver: '127.0.0.0/24',
    client: '203.0.113.0/24',
    sourceLength: 32,
    scope: 24,
    ttl: 45,
  });
  assert.equal(new Set(samples.flatMap((one) => one.targets)).size, 2);
  assert.deepEqual(refused, []);
  assert.match(
    await authority.metrics(),
    new RegExp(`signpost_answer_samples_total ${samples.length}\\n`),
    'told as they were sent',
  );
});
