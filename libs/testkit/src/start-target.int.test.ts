/** Targets behave as told, die, return, and tell what reached them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { test } from 'node:test';

import { startTarget } from './start-target.ts';
import { makeTestCertificates } from './test-certificates.ts';

test('an http target switches its health, dies, and returns on the same port', async () => {
  await using target = await startTarget();
  const status = async () =>
    (await fetch(`${target.url}/health`, { headers: { connection: 'close' } })).status;
  assert.equal(await status(), 200);
  target.setHealthy(false);
  assert.equal(await status(), 503);
  await target.kill();
  await assert.rejects(
    status(),
    (error: Error) => (error.cause as NodeJS.ErrnoException).code === 'ECONNREFUSED',
  );
  target.setHealthy(true);
  await target.restart();
  assert.equal(await status(), 200);
  assert.deepEqual(
    target.requests.map(({ method, path, host }) => [method, path, host]),
    Array.from({ length: 3 }, () => ['GET', '/health', `127.0.0.1:${target.port}`]),
  );
});

test('a hanging target accepts and says nothing; a resetting one breaks off', async () => {
  await using target = await startTarget();
  target.behave({ kind: 'hang' });
  await assert.rejects(fetch(target.url, { signal: AbortSignal.timeout(100) }), { name: 'TimeoutError' });
  target.behave({ kind: 'reset' });
  await assert.rejects(fetch(target.url), TypeError);
});

const getOverTls = (port: number, options: object): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const get = httpsRequest({ host: '127.0.0.1', port, agent: false, ...options }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    get.on('error', reject).end();
  });

test('an https target is trusted by its own authority alone and records server name and Host', async () => {
  await using target = await startTarget({
    kind: 'https',
    certificates: makeTestCertificates({ names: ['shop.example', '127.0.0.1', '2001:db8::1'] }),
  });
  const { port, ca } = target;
  assert.equal(
    await getOverTls(port, { ca, servername: 'shop.example', headers: { host: 'shop.example' } }),
    200,
  );
  assert.equal(target.requests[0]?.serverName, 'shop.example');
  assert.equal(target.requests[0]?.host, 'shop.example');
  await assert.rejects(getOverTls(port, { servername: 'shop.example' }), {
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  });
  await assert.rejects(getOverTls(port, { ca, servername: 'other.example' }), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
});

test('an expired certificate is refused', async () => {
  const certificates = makeTestCertificates({ notAfter: new Date(Date.now() - 60_000) });
  await using target = await startTarget({ kind: 'https', certificates });
  await assert.rejects(getOverTls(target.port, { ca: target.ca, servername: 'localhost' }), {
    code: 'CERT_HAS_EXPIRED',
  });
});

test('a tcp target counts connections, stays open when healthy and resets when not', async () => {
  await using target = await startTarget({ kind: 'tcp' });
  target.behave({ kind: 'answer', body: '220 ready\r\n' });
  const healthy = connect(target.port, '127.0.0.1');
  const [banner] = (await once(healthy, 'data')) as [Buffer];
  assert.equal(banner.toString(), '220 ready\r\n');
  healthy.destroy();
  target.setHealthy(false);
  await assert.rejects(once(connect(target.port, '127.0.0.1'), 'end'), { code: 'ECONNRESET' });
  assert.equal(target.connectionCount, 2);
});
