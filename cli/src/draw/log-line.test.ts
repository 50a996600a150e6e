import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';

import { drawLog } from './log-line.ts';

const draw = (line: string): string => stripVTControlCharacters(drawLog(line));

test('a log line is drawn as events are: when, how bad, what, and the facts behind it', () => {
  const line = {
    level: 'error',
    time: '2026-11-26T08:37:24.557Z',
    service: 'signpost',
    mistakes: 2,
    reason: 'no',
    msg: 'refused',
  };
  assert.equal(draw(`${JSON.stringify(line)}\n`), '08:37:24.557  error    refused (mistakes: 2, reason: no)');
});

test('what is no JSON is shown as it is', () => {
  assert.equal(draw('plain\n'), 'plain');
});
