/** Wildcards of subjects, as NATS documents them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { matchesSubject } from './subject-pattern.ts';

const cases: [pattern: string, subject: string, matches: boolean][] = [
  ['a.b', 'a.b', true],
  ['a.b', 'a.b.c', false],
  ['a.b.c', 'a.b', false],
  ['a.*', 'a.b', true],
  ['a.*', 'a', false],
  ['a.*', 'a.b.c', false],
  ['*.b', 'a.b', true],
  ['a.>', 'a.b.c', true],
  ['a.>', 'a', false],
  ['>', 'a', true],
  ['a.>.c', 'a.b.c', false],
];

for (const [pattern, subject, matches] of cases) {
  test(`${pattern} ${matches ? 'matches' : 'does not match'} ${subject}`, () => {
    assert.equal(matchesSubject(pattern, subject), matches);
  });
}
