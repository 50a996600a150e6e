import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AnswerSample } from '@signpost/contracts/answer-sample';

import { type AnswerBook, EMPTY_BOOK, expireAnswers, noteAnswers } from './answer-book.ts';
import { MOST_CACHES } from './share-settings.ts';

const SAMPLE: AnswerSample = {
  atMs: 0,
  owner: 'www.example.net',
  type: 'A',
  policy: 'p',
  pool: 'web',
  targets: ['a'],
  resolver: '192.0.2.0/24',
  sourceLength: 32,
  scope: 0,
  ttl: 60,
  weight: 1,
};

test('an answer is held for its TTL, by as many as its weight says', () => {
  let book = note(EMPTY_BOOK, 1_000, { targets: ['a'], weight: 5 }, { targets: ['b'], resolver: 'other' });
  // A little less than five times: that a sample stands for five is itself not certain.
  assert.ok(clients(book, 'a') > 3 * clients(book, 'b') && clients(book, 'a') <= 5 * clients(book, 'b'));
  assert.equal(book.held.get('web a')!.samples, 1);
  book = expireAnswers(book, 60_900);
  assert.ok(clients(book, 'a') > 0);
  book = expireAnswers(book, 61_000);
  assert.deepEqual([book.held.size, book.expiring.size, book.caches.size], [0, 0, 2]);
});

test('of several targets at once a client takes one', () => {
  const book = note(EMPTY_BOOK, 0, { targets: ['a', 'b', 'c', 'd'] });
  assert.equal(clients(book, 'a'), clients(book, 'd'));
  assert.equal(book.held.get('web a')!.samples, 0.25);
});

test('an answer for one network is an entry of its own, one for all is not', () => {
  const subnets = ['198.51.100.0/24', '203.0.113.0/24'];
  const sizes = [0, 24].map(
    (scope) => note(EMPTY_BOOK, 0, ...subnets.map((client) => ({ client, scope }))).caches.size,
  );
  assert.deepEqual(sizes, [1, 2]);
});

test('pools that nobody asks about are left out, and the book before stays as it was', () => {
  const heard = [{ zone: 'example.net', samples: [SAMPLE], heardAtMs: 0 }];
  assert.deepEqual(
    noteAnswers(EMPTY_BOOK, heard, () => false),
    EMPTY_BOOK,
  );
  const one = note(EMPTY_BOOK, 0, {});
  const before = structuredClone(one);
  note(one, 0, { targets: ['b'] });
  expireAnswers(one, 100_000);
  assert.deepEqual(one, before);
});

test('no more caches are told apart than there is room for: those heard of longest ago go', () => {
  const many = Array.from({ length: MOST_CACHES + 10 }, (_, i) => ({ resolver: `r${i}` }));
  const { caches } = note(
    note(EMPTY_BOOK, 0, ...many.slice(0, 20)),
    1,
    { resolver: 'r0' },
    ...many.slice(20),
  );
  assert.equal(caches.size, MOST_CACHES);
  assert.ok([...caches.keys()].some((key) => key.startsWith('r0 ')));
  assert.ok(![...caches.keys()].some((key) => key.startsWith('r1 ')));
});

function note(book: AnswerBook, heardAtMs: number, ...samples: Partial<AnswerSample>[]): AnswerBook {
  const whole = samples.map((sample) => ({ ...SAMPLE, ...sample }));
  return noteAnswers(book, [{ zone: 'example.net', samples: whole, heardAtMs }], () => true);
}

function clients({ held }: AnswerBook, target: string): number {
  return held.get(`web ${target}`)?.clients ?? 0;
}
