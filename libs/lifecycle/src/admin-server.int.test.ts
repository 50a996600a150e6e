import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { parseListenAddress } from '@signpost/config/listen-address';

import { startAdminServer, type AdminServer } from './admin-server.ts';

const options = { ready: () => ({ ready: true, reasons: [] }), metrics: async () => 'a_total 1\n' };

function ask(server: AdminServer, path: string, method = 'GET'): Promise<{ status: number; text: string }> {
  const { address } = server;
  const where =
    address.kind === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port };
  return new Promise((resolve, reject) => {
    request({ ...where, path, method, agent: false }, (response) => {
      let text = '';
      response.on('data', (octets) => (text += String(octets)));
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    })
      .on('error', reject)
      .end();
  });
}

test('liveness, readiness with its reasons, metrics, and nothing else', async () => {
  let ready = false;
  await using server = await startAdminServer({
    ...options,
    listen: parseListenAddress('127.0.0.1:0')!,
    ready: () => ({ ready, reasons: ['no snapshot yet'] }),
  });
  assert.deepEqual(await ask(server, '/livez'), { status: 200, text: 'ok\n' });
  assert.deepEqual(await ask(server, '/readyz'), { status: 503, text: 'no snapshot yet\n' });
  ready = true;
  assert.deepEqual(await ask(server, '/readyz?x'), { status: 200, text: 'ok\n' });
  assert.deepEqual(await ask(server, '/metrics'), { status: 200, text: 'a_total 1\n' });
  assert.equal((await ask(server, '/')).status, 404);
  assert.equal((await ask(server, '/livez', 'POST')).status, 405);
});

test('a Unix socket works, also over one that a killed process left', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-'));
  const path = join(directory, 'admin.sock');
  await writeFile(path, '');
  {
    await using server = await startAdminServer({ ...options, listen: { kind: 'unix', path } });
    assert.equal((await ask(server, '/livez')).status, 200);
  }
  await rm(directory, { recursive: true });
});

test('an address in use is an error that names it and the variable', async () => {
  await using server = await startAdminServer({ ...options, listen: parseListenAddress('127.0.0.1:0')! });
  await assert.rejects(
    startAdminServer({ ...options, listen: server.address }),
    /cannot listen on 127.*SIGNPOST_ADMIN_LISTEN/,
  );
});
