import assert from 'node:assert/strict';
import { test } from 'node:test';

import { moment, waitMs } from './flag-values.ts';

test('a moment is a time, or a duration for so long ago, with or without "ago"', () => {
  assert.equal(moment('2026-12-01T06:00:00Z'), '2026-12-01T06:00:00.000Z');
  for (const text of ['10m', '10m ago']) {
    const agoMs = Date.now() - Date.parse(moment(text));
    assert.ok(agoMs >= 600_000 && agoMs < 660_000, `${text}: ${agoMs}`);
  }
  for (const text of ['ago', '10', '10m from now', '2026-12-01', '2026-12-01T06:00:00Z ago']) {
    assert.throws(() => moment(text), { code: 'commander.invalidArgument' }, text);
  }
});

test('a wait is a duration of at most an hour', () => {
  assert.equal(waitMs('500ms'), 500);
  assert.throws(() => waitMs('2h'), { message: 'It is at most 1h.' });
  assert.throws(() => waitMs('2000'), { code: 'commander.invalidArgument' });
});
