/** TLS connections: handshakes that fail or stall, renewed certificates, padding, and the limits they share with TCP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';

import { encodeQuery } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';
import { makeTestCertificates, type TestCertificates } from '@signpost/testkit/test-certificates';

import { answered, framed, openStreamListener } from '../testing/stream-listener.ts';

const asCertificate = ({ cert, key }: TestCertificates) => ({ chain: cert, key });
const made = makeTestCertificates();
const certificate = asCertificate(made);

async function handshake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, ca: made.ca, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

test('TLS 1.2 and 1.3 are spoken, with ALPN and without; older versions and other protocols are not', async (t) => {
  const { port, open, dropped } = await openStreamListener(t, { certificate });
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const ALPNProtocols of [undefined, ['dot'], ['h2', 'dot']]) {
      const limits = { minVersion: version, maxVersion: version };
      const socket = await handshake(port, { ...limits, ...(ALPNProtocols && { ALPNProtocols }) });
      assert.equal(socket.alpnProtocol, ALPNProtocols === undefined ? false : 'dot');
      await answered(socket);
      socket.destroy();
    }
  }
  await eventually(() => open() === 0);
  assert.equal(dropped('tls_handshake'), 0);
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await assert.rejects(handshake(port, old));
  await assert.rejects(handshake(port, { ALPNProtocols: ['h2'] }));
  await eventually(() => dropped('tls_handshake') === 2);
});

test('who does not complete the handshake in time, or speaks no TLS, is closed and counted', async (t) => {
  const { port, connect, dial, pass, open, dropped } = await openStreamListener(t, { certificate });
  const silent = (await connect()).resume();
  const trickling = (await connect()).resume();
  trickling.write(Buffer.of(0x16, 3, 1)); // the begin of a record
  const client = await handshake(port);
  await eventually(() => open() === 3);
  pass(5_100);
  await Promise.all([once(silent, 'close'), once(trickling, 'close')]);
  await eventually(() => dropped('tls_handshake') === 2);
  const plain = (await dial()).resume();
  plain.write(framed);
  await once(plain, 'close');
  const gone = await connect();
  gone.destroy();
  await eventually(() => dropped('tls_handshake') === 4);
  await answered(client);
  assert.equal(open(), 1);
  assert.equal(dropped('tcp_timeout') + dropped('tcp_evicted'), 0);
  client.destroy();
});

test('handshakes count among the connections of their source, and make room as these do', async (t) => {
  const limits = { mostPerSource: 3 };
  const { port, dial, connect, open, dropped } = await openStreamListener(t, { certificate, limits });
  const client = await handshake(port);
  const stalled = [await connect(), await connect()];
  await answered(client);
  const evicted = once(client.resume(), 'close');
  const burst = [await dial(), await dial()];
  await evicted;
  await once(stalled[0]!.resume(), 'close');
  await eventually(() => open() === 3);
  assert.deepEqual([dropped('tcp_evicted'), dropped('tls_handshake')], [2, 0]);
  for (const socket of [...stalled, ...burst]) socket.destroy();
  await eventually(() => open() === 0);
  const again = await handshake(port);
  await answered(again);
  again.destroy();
});

test('pipelined queries are answered in order, also when the client has closed its side', async (t) => {
  const { port, open } = await openStreamListener(t, { certificate });
  const client = await handshake(port);
  const queries = 20_000;
  let octets = 0;
  client.on('data', (data: Buffer) => (octets += data.length));
  client.end(Buffer.concat(Array.from({ length: queries }, () => framed)));
  await once(client, 'close');
  assert.equal(octets, queries * (framed.length + 16));
  await eventually(() => open() === 0);
});

test('a padded query gets a response of a multiple of 468 octets', async (t) => {
  const { port } = await openStreamListener(t, { certificate });
  const client = await handshake(port);
  const options = [{ code: 12, data: Buffer.alloc(50) }];
  const query = encodeQuery({ name: 'www.example.net', type: 'A', edns: { options } });
  client.write(Buffer.concat([Buffer.of(0, query.length), query]));
  const [response] = (await once(client, 'data')) as [Buffer];
  assert.equal(response.readUInt16BE(0), 468);
  client.destroy();
});

test('a renewed certificate is shown from then on, and open connections stay', async (t) => {
  const { port, renew } = await openStreamListener(t, { certificate });
  const old = await handshake(port);
  const renewed = makeTestCertificates();
  renew(asCertificate(renewed));
  await assert.rejects(handshake(port));
  const fresh = await handshake(port, { ca: renewed.ca });
  for (const client of [old, fresh]) {
    await answered(client);
    client.destroy();
  }
});
