/** A selection allocates nothing, whatever the policy: a process of its own makes many and looks at its heap. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { startGuardedProcess } from '@signpost/testkit/guarded-process';

/** No object of V8 is smaller than 12, so there is none that each selection makes. */
const MOST_OCTETS = 4;
const file = join(import.meta.dirname, 'testing/measure-allocation.ts');
const flags = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

test('400,000 selections of each kind of policy leave next to nothing on the heap', async (t) => {
  const measuring = await startGuardedProcess(process.execPath, [...flags, file], {
    env: { PATH: process.env['PATH'] },
  });
  t.after(() => measuring.stop());
  assert.equal(await measuring.waitForEnd(120_000), 0, measuring.stderr.join('\n'));
  const octets = Object.entries(JSON.parse(measuring.stdout.join('')) as Record<string, number>);
  t.diagnostic(octets.map(([kind, value]) => `${kind} ${value.toFixed(2)}`).join(', '));
  assert.ok(octets.length >= 14);
  for (const [kind, value] of octets) assert.ok(value < MOST_OCTETS, `${kind}: ${value} octets`);
});
