/** An answer allocates nothing, whatever was asked: a process of its own gives many thousands and looks at its heap. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { startGuardedProcess } from '@signpost/testkit/guarded-process';

/** No object of V8 is smaller than 12, so there is none that each answer makes. */
const MOST_OCTETS = 4;
const file = join(import.meta.dirname, '../testing/measure-allocation.ts');
const flags = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

test('answers of each kind, by either path, leave next to nothing on the heap', async (t) => {
  const measuring = await startGuardedProcess(process.execPath, [...flags, file], {
    env: { PATH: process.env['PATH'] },
  });
  t.after(() => measuring.stop());
  assert.equal(await measuring.waitForEnd(300_000), 0, measuring.stderr.join('\n'));
  const octets = JSON.parse(measuring.stdout.join('')) as Record<string, number>;
  const shown = Object.entries(octets).map(([kind, value]) => `${kind} ${value.toFixed(2)}`);
  t.diagnostic(`octets allocated for an answer: ${shown.join(', ')}`);
  assert.ok(shown.length >= 2 * 24);
  for (const [kind, value] of Object.entries(octets)) {
    assert.ok(value < MOST_OCTETS, `${kind}: ${value} octets`);
  }
});
