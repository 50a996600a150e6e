import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hearAuthority, type HeardAuthority, progressOf } from './hear-authority.ts';

const beatOf = (generation: number): HeardAuthority['beat'] => ({
  node: 'n1',
  incarnation: 1,
  sequence: 1,
  generation,
  ready: true,
  storeConnected: true,
  listens: [],
  lastAnswers: [],
  lastAnswersCut: false,
});

/** Each heartbeat: when it was heard, what it says, and what was published by then. */
function hear(
  ...beats: readonly (readonly [heardAtMs: number, says: number, published: number])[]
): HeardAuthority {
  let heard: HeardAuthority | undefined;
  for (const [heardAtMs, says, published] of beats) {
    heard = hearAuthority(heard, { beat: beatOf(says), heardAtMs }, published);
  }
  return heard!;
}

test('right after a publication the last heartbeat is older than it: applying, then current', () => {
  const before = hear([0, 1, 1], [1_000, 1, 1]);
  assert.equal(progressOf(before, 1, 1_100), 'current');
  assert.equal(progressOf(before, 2, 1_900), 'applying');
  assert.equal(progressOf(hear([0, 1, 1], [1_000, 1, 1], [2_000, 2, 2]), 2, 2_100), 'current');
});

test('a heartbeat that was under way during the publication does not alarm', () => {
  assert.equal(progressOf(hear([0, 1, 1], [1_000, 1, 2]), 2, 1_000), 'applying');
  assert.equal(progressOf(hear([0, 1, 2], [1_000, 1, 2]), 2, 1_000), 'applying');
});

test('who says the same old generation again and again is behind, also while publications go on', () => {
  assert.equal(progressOf(hear([0, 1, 2], [1_000, 1, 2], [2_000, 1, 2]), 2, 2_000), 'behind');
  assert.equal(progressOf(hear([0, 1, 2], [1_000, 1, 3], [2_000, 1, 4]), 5, 2_000), 'behind');
});

test('who comes after, one generation late at each heartbeat, is applying', () => {
  assert.equal(
    progressOf(hear([0, 1, 2], [1_000, 2, 3], [2_000, 3, 4], [3_000, 4, 5]), 5, 3_000),
    'applying',
  );
});

test('without heartbeats nothing is known: silent', () => {
  assert.equal(progressOf(hear([0, 2, 2]), 2, 3_001), 'silent');
});

test('a controller that has not read the newest generation yet calls nobody behind', () => {
  assert.equal(progressOf(hear([0, 3, 2], [1_000, 3, 2], [2_000, 3, 2]), 2, 2_000), 'current');
});
