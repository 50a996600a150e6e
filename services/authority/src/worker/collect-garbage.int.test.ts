/** What V8 does by itself, in a process of its own that tells its collections. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A thread that comes to keep some 20 MB, little by little. */
const THREAD = `
  const kept = [];
  for (let i = 0; i < 120; i += 1) kept.push(Array.from({ length: 4_000 }, (_, j) => ({ j })));
`;

const START = `
  import { Worker } from 'node:worker_threads';
  import { collectSeldom } from ${JSON.stringify(new URL('collect-garbage.ts', import.meta.url).href)};
  if (process.argv[1] === 'seldom') collectSeldom();
  new Worker(${JSON.stringify(THREAD)}, { eval: true });
`;

async function collections(how: 'seldom' | 'as ever'): Promise<number> {
  const flags = ['--trace-gc', '--input-type=module', '--eval', START];
  const { stdout } = await run(process.execPath, [...flags, '--', how]);
  assert.match(stdout, /Scavenge/, 'the flag tells collections');
  return stdout.match(/Mark-Compact/g)?.length ?? 0;
}

test('a thread whose heap grows to what it keeps collects everything for nothing, and seldom does not', async () => {
  assert.notEqual(await collections('as ever'), 0);
  assert.equal(await collections('seldom'), 0);
});
