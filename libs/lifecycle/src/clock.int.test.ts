/** The real clock: its sleeps are real, if short. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { systemClock } from './clock.ts';

test('a sleep until a moment that has passed ends at once, and Node warns nobody of it', async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', onWarning);
  try {
    await systemClock.sleep(-0.5);
    await turn();
  } finally {
    process.off('warning', onWarning);
  }
  assert.deepEqual(warnings, []);
});
