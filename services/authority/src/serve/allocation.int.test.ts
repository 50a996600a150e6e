/** An answer allocates nothing, whatever was asked: a process of its own gives hundreds of thousands and looks at its heap. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { startGuardedProcess } from '@signpost/testkit/guarded-process';

/** No object of V8 is smaller than 12, so there is none that each answer makes. */
const MOST_OCTETS = 4;
/**
 * A choice by weight needs a random number, one by round trip milliseconds, and V8 boxes fractions: 16 where one comes
 * from and 16 where it is handed on, unless it inlines both.
 */
const MOST_OCTETS_OF_A_FRACTION = 48;
const file = join(import.meta.dirname, '../testing/measure-allocation.ts');
const flags = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

test('200,000 answers of each kind leave next to nothing on the heap', async (t) => {
  const measuring = await startGuardedProcess(process.execPath, [...flags, file], {
    env: { PATH: process.env['PATH'] },
  });
  t.after(() => measuring.stop());
  assert.equal(await measuring.waitForEnd(120_000), 0, measuring.stderr.join('\n'));
  const octets = JSON.parse(measuring.stdout.join('')) as Record<string, number>;
  const shown = Object.entries(octets).map(([kind, value]) => `${kind} ${value.toFixed(2)}`);
  t.diagnostic(`octets allocated for an answer: ${shown.join(', ')}`);
  for (const [kind, value] of Object.entries(octets)) {
    const most = /steered|alias|fastest/.test(kind) ? MOST_OCTETS_OF_A_FRACTION : MOST_OCTETS;
    assert.ok(value < most, `${kind}: ${value} octets`);
  }
});
