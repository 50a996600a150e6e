import assert from 'node:assert/strict';
import { test } from 'node:test';

import { allUntil } from './all-until.ts';

const waits = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

test('a stop ends every part, and is no failure', async () => {
  const stop = new AbortController();
  const running = allUntil(stop.signal, [waits, waits]);
  stop.abort(new Error('stop'));
  await running;
});

test('a part that fails ends the others, and its error is the outcome', async () => {
  const failure = new Error('broken');
  await assert.rejects(
    allUntil(new AbortController().signal, [waits, () => Promise.reject(failure)]),
    failure,
  );
});
