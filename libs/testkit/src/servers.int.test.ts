/** The fixtures themselves: real servers that start, freeze, die, return and go with us. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { eventually } from './eventually.ts';
import { startNats } from './start-nats.ts';
import { startRedis } from './start-redis.ts';

/** Sends one inline command, returns what comes first. */
async function say(port: number, line: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write(`${line}\r\n`);
    const [data] = (await once(socket, 'data', { signal: AbortSignal.timeout(2_000) })) as [Buffer];
    return data.toString('latin1');
  } finally {
    socket.destroy();
  }
}

test('redis answers, keeps its data over a kill and a restart, and loses it when wiped', async () => {
  await using redis = await startRedis();
  const { port } = redis;
  assert.match(await say(port, 'SET colour blue'), /^\+OK/);
  await redis.kill('SIGKILL');
  assert.equal(redis.pid, 0);
  await assert.rejects(say(port, 'PING'), { code: 'ECONNREFUSED' });
  await redis.restart();
  assert.equal(redis.port, port);
  assert.match(await say(port, 'GET colour'), /blue/);
  await redis.restart({ wipe: true });
  assert.match(await say(port, 'GET colour'), /^\$-1/);
});

test('redis takes an ACL file and further arguments', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-acl-'));
  t.after(() => rm(directory, { recursive: true }));
  const aclFile = join(directory, 'users');
  await writeFile(aclFile, 'user default off\nuser reader on >secret ~* +@read +auth\n');
  await using redis = await startRedis({ aclFile, args: ['--maxmemory', '64mb'] });
  assert.match(await say(redis.port, 'GET colour'), /^-NOAUTH/);
  assert.match(await say(redis.port, 'AUTH reader secret'), /^\+OK/);
});

test('a frozen redis does not answer, a thawed one does', async () => {
  await using redis = await startRedis();
  await redis.kill('SIGSTOP');
  await assert.rejects(
    once(
      connect(redis.port, '127.0.0.1', function (this: NodeJS.WritableStream) {
        this.write('PING\r\n');
      }),
      'data',
      { signal: AbortSignal.timeout(200) },
    ),
    { name: 'AbortError' },
  );
  await redis.kill('SIGCONT');
  assert.match(await say(redis.port, 'PING'), /^\+PONG/);
});

test('nats greets with JetStream and its extra configuration, again after a restart', async () => {
  await using nats = await startNats({ jetstream: true, config: 'max_payload: 2MB' });
  const { port } = nats;
  const info = await say(port, 'PING');
  assert.match(info, /"jetstream":true/);
  assert.match(info, /"max_payload":2097152/);
  await nats.restart();
  assert.equal(nats.port, port);
  assert.match(await say(port, 'PING'), /^INFO /);
});

test('two servers at once get ports of their own', async () => {
  const [first, second] = await Promise.all([startNats(), startNats()]);
  await using open = new AsyncDisposableStack();
  open.use(first);
  open.use(second);
  assert.notEqual(first.port, second.port);
});

test('a server that refuses its configuration fails the start with what it printed', async () => {
  await assert.rejects(startNats({ config: 'no_such_key { a: 1 ' }), /it printed:.*map value terminator/s);
});

test('a server and its directory go when the process that started it is killed', async (t) => {
  if (process.env['SIGNPOST_TEST_SERVERS'] === 'containers') return t.skip('the engine reaps containers');
  const directory = await mkdtemp(join(tmpdir(), 'signpost-guard-'));
  t.after(() => rm(directory, { recursive: true }));
  const script = `
    import { startRedis } from ${JSON.stringify(join(import.meta.dirname, 'start-redis.ts'))};
    console.log((await startRedis()).port);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: directory },
  });
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  assert.match(await say(Number(line), 'PING'), /^\+PONG/);
  assert.equal((await readdir(directory)).length, 1);
  owner.kill('SIGKILL');
  await eventually(
    () => say(Number(line), 'PING').catch((error: NodeJS.ErrnoException) => error.code),
    (outcome) => outcome === 'ECONNREFUSED',
  );
  await eventually(
    () => readdir(directory),
    (names) => names.length === 0,
  );
});
