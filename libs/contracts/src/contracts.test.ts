/** Small facts of small files: durations, fields, generations, tokens, states. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nextGeneration, NO_GENERATION } from './brands.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { bestState } from './health.ts';
import { isNewer } from './health-report.ts';
import { CHANGES_KEPT, changesToKeep, parseRecordSetField, recordSetField } from './keys.ts';
import { compareTokens } from './record-store.ts';

test('durations are read and written in the largest unit that is exact', () => {
  for (const [text, ms] of [
    ['250ms', 250],
    ['10s', 10_000],
    ['90s', 90_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ] as const) {
    assert.equal(parseDuration(text), ms);
    assert.equal(formatDuration(ms), text);
  }
  assert.equal(parseDuration('1.5s'), 1_500);
  for (const text of ['10', 's', '-1s', '1 s', '1S']) assert.equal(parseDuration(text), undefined);
});

test('a record set field splits at the last bar, since an owner name may hold one', () => {
  assert.deepEqual(parseRecordSetField(recordSetField('a|b.example.net', 'TXT')), {
    owner: 'a|b.example.net',
    type: 'TXT',
  });
});

test('the change stream keeps fewer publications the larger they are, but never next to none', () => {
  assert.equal(changesToKeep(1_000), CHANGES_KEPT);
  assert.equal(changesToKeep(2 * 1024 * 1024), 32);
  assert.equal(changesToKeep(100 * 1024 * 1024), 16);
});

test('a generation grows, and never lies behind the clock', () => {
  assert.equal(nextGeneration(NO_GENERATION, 1_000.7), 1_000);
  assert.equal(nextGeneration(nextGeneration(NO_GENERATION, 1_000), 900), 1_001);
});

test('fencing tokens compare as a pair: a new bucket outranks any revision of an old one', () => {
  assert.ok(compareTokens({ createdAtMs: 2, revision: 1 }, { createdAtMs: 1, revision: 99 }) > 0);
  assert.ok(compareTokens({ createdAtMs: 2, revision: 1 }, { createdAtMs: 2, revision: 3 }) < 0);
  assert.equal(compareTokens({ createdAtMs: 2, revision: 3 }, { createdAtMs: 2, revision: 3 }), 0);
});

test('a target is as well as its best family', () => {
  assert.equal(bestState([]), 'unknown');
  assert.equal(bestState(['down', 'up']), 'up');
  assert.equal(bestState(['down', 'suspect', 'unknown']), 'suspect');
  assert.equal(bestState(['down', 'down']), 'down');
});

test('a later incarnation outranks every sequence of an earlier one', () => {
  assert.ok(isNewer({ incarnation: 2, sequence: 1 }, { incarnation: 1, sequence: 50 }));
  assert.ok(!isNewer({ incarnation: 2, sequence: 1 }, { incarnation: 2, sequence: 1 }));
});
