/** Exit codes and signals, seen from outside on real processes. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

function run(script: string): ChildProcess {
  const directory = new URL('.', import.meta.url);
  const header = `
    import { runMain } from '${new URL('run-main.ts', directory).href}';
    import { stopSignal } from '${new URL('stop-signal.ts', directory).href}';
    import { ConfigError } from '@signpost/config/config-error';
  `;
  return spawn(process.execPath, ['--input-type=module', '-e', header + script], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function end(child: ChildProcess): Promise<{ code: number; stderr: string }> {
  let stderr = '';
  child.stderr!.on('data', (octets) => (stderr += String(octets)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stderr };
}

test('a configuration mistake exits 2 with one line a problem', async () => {
  const result = await end(
    run(`await runMain(async () => { throw new ConfigError(['A="1": wrong', 'B is not set']); });`),
  );
  assert.deepEqual(result, { code: 2, stderr: 'configuration: A="1": wrong\nconfiguration: B is not set\n' });
});

test('any other failure exits 1 and shows its causes', async () => {
  const { code, stderr } = await end(
    run(`await runMain(async () => { throw new Error('outer', { cause: new Error('inner') }); });`),
  );
  assert.equal(code, 1);
  assert.match(stderr, /outer[\s\S]*caused by: inner/);
});

test('an address that cannot be listened on exits 1 in one line, without a stack or the same again', async () => {
  const script = `
    import { createServer } from 'node:net';
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    await runMain(async () => {
      const again = createServer().listen(taken.address().port, '127.0.0.1');
      const cause = await new Promise((resolve) => again.once('error', resolve));
      taken.close();
      throw new Error('cannot listen (SIGNPOST_X_LISTEN): ' + cause.message, { cause });
    });`;
  const { code, stderr } = await end(run(script));
  assert.equal(code, 1);
  assert.match(stderr, /^failed: cannot listen \(SIGNPOST_X_LISTEN\): listen EADDRINUSE.*\n$/);
});

const WAIT = `
  await runMain(async () => {
    using stop = stopSignal({ graceMs: 60_000 });
    const alive = setInterval(() => {}, 1_000);
    console.log('ready');
    await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
    console.log('stopping');
    STOP
    clearInterval(alive);
  });`;

test('SIGTERM is an orderly stop with exit code 0', async () => {
  const child = run(WAIT.replace('STOP', ''));
  await once(child.stdout!, 'data');
  child.kill('SIGTERM');
  assert.equal((await end(child)).code, 0);
});

test('a second signal ends a stop that hangs, with exit code 1', async () => {
  const child = run(WAIT.replace('STOP', 'await new Promise(() => {});'));
  await once(child.stdout!, 'data');
  child.kill('SIGTERM');
  await once(child.stdout!, 'data');
  child.kill('SIGINT');
  assert.equal((await end(child)).code, 1);
});
