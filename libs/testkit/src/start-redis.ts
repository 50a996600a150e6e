/**
 * Starts a real redis-server on an ephemeral port of 127.0.0.1 for a test.
 * Data is kept in an append-only file, so it survives a kill and a restart.
 */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';

import type { ServerKind } from './server-kind.ts';
import { startTestServer, type TestServer } from './test-server.ts';

export type RedisServer = TestServer;

export interface RedisServerOptions {
  /** More arguments, in redis-server's own words: `['--maxmemory', '64mb']`. They win over ours. */
  readonly args?: readonly string[];
  /** A file of users in Redis' ACL form. It is copied. */
  readonly aclFile?: string;
  readonly port?: number;
  /** Where the append-only file stands; default a directory that is removed at the end. */
  readonly dir?: string;
}

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { args: moreArgs = [], aclFile, port, dir } = options;
  const users = aclFile === undefined ? undefined : await readFile(aclFile, 'utf8');
  const kind: ServerKind = {
    binary: 'redis-server',
    scheme: 'redis',
    standardPort: 6379,
    containerDataDir: '/data',
    readyLine: /Ready to accept connections/,
    portTakenLine: /Address already in use/,
    files: users === undefined ? {} : { 'users.acl': users },
    args: ({ host, port, dataDir, filesDir }) =>
      ['--bind', host, '--port', String(port), '--dir', dataDir, '--protected-mode', 'no'].concat(
        ['--save', '', '--appendonly', 'yes', '--shutdown-timeout', '0'],
        users === undefined ? [] : ['--aclfile', `${filesDir}/users.acl`],
        moreArgs,
      ),
    greet,
  };
  return startTestServer(kind, { port, dataDir: dir });
}

/** `+PONG`, or `-NOAUTH` where users are set up; `-LOADING` is not ready. */
function greet(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1_000, () => socket.destroy(new Error('redis-server did not answer PING')));
    socket.once('data', (data) => {
      if (/^(\+PONG|-NOAUTH|-NOPERM)/.test(data.toString('latin1'))) resolve();
      else reject(new Error(`not ready: ${data.toString('latin1')}`));
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed before PONG')));
  });
}
