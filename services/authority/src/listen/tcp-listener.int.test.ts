/** TCP connections: their limits, their turns, and PROXY headers before them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';

import { parsePrefix, type Prefix } from '@signpost/dns/address';
import { eventually } from '@signpost/testkit/eventually';

import { proxyHeader } from '../testing/proxy-header.ts';
import { answered, framed, openStreamListener } from '../testing/stream-listener.ts';

test('an idle connection is closed after its time, which each query renews', async (t) => {
  const { pass, connect, open, dropped } = await openStreamListener(t, { limits: { idleMs: 1_000 } });
  const [idle, busy] = [await connect(), await connect()];
  pass(900);
  await answered(busy);
  pass(900);
  await once(idle.resume(), 'close');
  await eventually(() => open() === 1);
  await answered(busy);
  assert.equal(dropped(), 0);
});

test('a message has one time limit, however often an octet of it comes', async (t) => {
  const { pass, connect, open, dropped } = await openStreamListener(t, {
    limits: { idleMs: 1_000, messageMs: 2_000 },
  });
  const slow = await connect();
  slow.resume();
  slow.write(Buffer.of(0xff, 0xff)); // as long as a message can be
  await eventually(() => {
    if (!slow.destroyed) slow.write(Buffer.of(1));
    pass(100);
    return slow.closed;
  });
  await eventually(() => open() === 0);
  assert.equal(dropped(), 1);
});

test('what was asked before a message that is no query is still answered, and that is counted once', async (t) => {
  const { connect, open, dropped } = await openStreamListener(t, {});
  const client = await connect();
  const response = Buffer.from(framed);
  response[4]! |= 0x80;
  const received: Buffer[] = [];
  client.on('data', (data: Buffer) => received.push(data));
  client.write(Buffer.concat([framed, response, framed]));
  await once(client, 'close');
  assert.equal(Buffer.concat(received).length, framed.length + 16);
  await eventually(() => open() === 0);
  assert.deepEqual([dropped('tcp_malformed'), dropped('not_a_query')], [1, 0]);
});

test('a client that says it has no more to ask gets all answers', async (t) => {
  const { connect, open } = await openStreamListener(t, {});
  const client = await connect();
  const queries = 20_000;
  client.end(Buffer.concat(Array.from({ length: queries }, () => framed)));
  let octets = 0;
  client.on('data', (data: Buffer) => (octets += data.length));
  await once(client, 'close');
  assert.equal(octets, queries * (framed.length + 16));
  await eventually(() => open() === 0);
});

test('to make room each new connection costs one old one, also when many come at once', async (t) => {
  const { dial, open } = await openStreamListener(t, { limits: { mostConnections: 12, mostPerSource: 10 } });
  const old = await Promise.all(Array.from({ length: 10 }, () => dial()));
  await eventually(() => open() === 10);
  const others = await Promise.all([dial('127.0.0.2'), dial('127.0.0.2')]);
  await eventually(() => open() === 12);
  const closed = Promise.all(old.slice(0, 5).map((socket) => once(socket.resume(), 'close')));
  const burst = await Promise.all(Array.from({ length: 5 }, () => dial()));
  await closed;
  for (const socket of [...old.slice(5), ...others, ...burst]) await answered(socket);
  await eventually(() => open() === 12);
});

const LOOPBACK = parsePrefix('127.0.0.0/24') as Prefix;
const CLIENT = Uint8Array.of(192, 0, 2, 7);

test('a PROXY header counts as one, however the stream is cut, and the connection serves on', async (t) => {
  const { connect, open, dropped } = await openStreamListener(t, { proxyFrom: [LOOPBACK] });
  const headers = [
    proxyHeader(CLIENT, { isStream: true, tlvs: Uint8Array.of(4, 0, 1, 7) }),
    proxyHeader(Uint8Array.from({ length: 16 }, (_, i) => i)),
    proxyHeader(undefined),
  ];
  for (const header of headers) {
    const stream = Buffer.concat([header, framed]);
    for (let cut = 1; cut < stream.length; cut += 5) {
      const socket = await connect();
      socket.setNoDelay();
      socket.write(stream.subarray(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      socket.write(stream.subarray(cut));
      await once(socket, 'data');
      await answered(socket);
      socket.destroy();
      await eventually(() => open() === 0);
    }
  }
  assert.equal(dropped('proxy_malformed') + dropped('tcp_malformed'), 0);
});

test('without a header, or with a broken one, a connection from a balancer is closed and counted', async (t) => {
  const { connect, dropped } = await openStreamListener(t, { proxyFrom: [LOOPBACK] });
  const broken = proxyHeader(CLIENT);
  broken[12] = 0x31;
  for (const octets of [framed, broken, Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 53')]) {
    const before = dropped('proxy_malformed');
    const socket = (await connect()).resume();
    socket.write(octets);
    await once(socket, 'close');
    assert.equal(dropped('proxy_malformed'), before + 1);
  }
  const halved = (await connect()).resume();
  halved.end(proxyHeader(CLIENT).subarray(0, 20));
  await once(halved, 'close');
});

test('half a header has the time limit of a message', async (t) => {
  const { connect, pass, dropped } = await openStreamListener(t, { proxyFrom: [LOOPBACK] });
  const slow = (await connect()).resume();
  slow.write(proxyHeader(CLIENT).subarray(0, 5));
  await eventually(() => {
    if (!slow.destroyed) slow.write(Buffer.alloc(0));
    pass(500);
    return slow.closed;
  });
  assert.equal(dropped(), 1);
});

test('a header from anybody else is not believed, and no query either', async (t) => {
  const { dial, open, dropped } = await openStreamListener(t, { proxyFrom: [LOOPBACK] });
  const stranger = await dial('127.0.1.1');
  let received = 0;
  stranger.on('data', (data: Buffer) => (received += data.length));
  stranger.end(Buffer.concat([proxyHeader(CLIENT), framed])); // the signature reads as a long message
  await once(stranger, 'close');
  await eventually(() => open() === 0);
  assert.deepEqual([received, dropped('proxy_malformed')], [0, 0]);
});

test('behind a balancer the limit per source is for the clients it names', async (t) => {
  const limits = { mostPerSource: 2 };
  const { dial, open, dropped } = await openStreamListener(t, { limits, proxyFrom: [LOOPBACK] });
  const from = async (octet: number): Promise<Socket> => {
    const socket = await dial();
    socket.write(Buffer.concat([proxyHeader(Uint8Array.of(192, 0, 2, octet)), framed]));
    await once(socket, 'data');
    return socket;
  };
  const others = [await from(1), await from(2), await from(3)];
  const first = await from(9);
  const rest = [await from(9), await from(9)];
  await once(first.resume(), 'close');
  for (const socket of [...others, ...rest]) await answered(socket);
  assert.deepEqual([open(), dropped('tcp_evicted')], [5, 1]);
});
