/** Child processes: lines, ends, deadlines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startGuardedProcess } from './guarded-process.ts';

const runScript = (script: string) => startGuardedProcess(process.execPath, ['-e', script]);

test('a line is found whether it came before or after the call, on either stream', async () => {
  const child = await runScript(`console.log('port 53'); console.error('bad'); setInterval(() => {}, 1000)`);
  assert.equal((await child.waitForLine(/port (\d+)/))[1], '53');
  await child.waitForLine(/bad/);
  assert.equal((await child.waitForLine(/port (\d+)/))[1], '53');
  assert.equal(await child.stop(), 'SIGTERM');
  assert.equal(child.isRunning, false);
  assert.deepEqual(child.stdout, ['port 53']);
});

test('waiting for a line fails with the output when the process ends first', async () => {
  const child = await runScript(`console.error('no configuration'); process.exit(2)`);
  await assert.rejects(
    child.waitForLine(/ready/),
    /ended with 2 before a line matched \/ready\/.*no configuration/s,
  );
  assert.equal(await child.waitForEnd(), 2);
});

test('waiting for a line fails at its deadline', async () => {
  const child = await runScript('setInterval(() => {}, 1000)');
  await assert.rejects(child.waitForLine(/ready/, 20), /no line matched \/ready\/ within 20 ms/);
  await child.stop();
});

test('stop kills what does not heed SIGTERM', async () => {
  const child = await runScript(
    `process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)`,
  );
  await child.waitForLine(/up/);
  assert.equal(await child.stop(50), 'SIGKILL');
});

test('stop reaches a frozen process', async () => {
  const child = await runScript(`console.log('up'); setInterval(() => {}, 1000)`);
  await child.waitForLine(/up/);
  child.signal('SIGSTOP');
  assert.equal(await child.stop(), 'SIGTERM');
});
