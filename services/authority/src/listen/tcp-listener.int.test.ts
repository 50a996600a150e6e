/** The time limits of TCP connections, with short ones. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';

import { encodeQuery } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';

import { Counters, countersMemory, readCounters } from '../count/counters.ts';
import { contextFor, snapshotOf, zoneOf } from '../testing/sample-zone.ts';
import { choosePorts } from './choose-ports.ts';
import { Responder } from './responder.ts';
import { TCP_LIMITS, type TcpLimits } from './tcp-limits.ts';
import { openTcpListener } from './tcp-listener.ts';

async function listen(t: TestContext, limits: Partial<TcpLimits>) {
  let nowMs = 0;
  const memory = countersMemory();
  const counters = new Counters(memory);
  const context = contextFor(snapshotOf(zoneOf('example.net', 'www A 192.0.2.1')));
  const [endpoint] = await choosePorts([{ kind: 'port', host: '127.0.0.1', family: 4, port: 0 }]);
  let open = 0;
  const listener = await openTcpListener({
    endpoint: endpoint!,
    responder: new Responder(
      context,
      counters,
      () => nowMs,
      () => nowMs,
    ),
    counters,
    limits: { ...TCP_LIMITS, ...limits },
    monotonic: () => nowMs,
    onConnections: (change) => (open += change),
  });
  const sockets: Socket[] = [];
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await listener[Symbol.asyncDispose]();
  });
  return {
    pass: (ms: number) => void (nowMs += ms),
    open: () => open,
    dropped: () => readCounters([memory]).dropped('tcp_timeout'),
    dial,
    connect: async () => {
      const before = open;
      const socket = await dial();
      await eventually(() => open > before);
      return socket;
    },
  };

  async function dial(from = '127.0.0.1'): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: endpoint!.port, localAddress: from });
    sockets.push(socket);
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }
}

const message = encodeQuery({ name: 'www.example.net', type: 'A' });
const framed = Buffer.concat([Buffer.of(0, message.length), message]);

async function answered(socket: Socket): Promise<void> {
  socket.write(framed);
  await once(socket, 'data');
}

test('an idle connection is closed after its time, which each query renews', async (t) => {
  const { pass, connect, open, dropped } = await listen(t, { idleMs: 1_000 });
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
  const { pass, connect, open, dropped } = await listen(t, { idleMs: 1_000, messageMs: 2_000 });
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

test('what was asked before a message that is no query is still answered', async (t) => {
  const { connect, open } = await listen(t, {});
  const client = await connect();
  const response = Buffer.from(framed);
  response[4]! |= 0x80;
  const received: Buffer[] = [];
  client.on('data', (data: Buffer) => received.push(data));
  client.write(Buffer.concat([framed, response, framed]));
  await once(client, 'close');
  assert.equal(Buffer.concat(received).length, framed.length + 16);
  await eventually(() => open() === 0);
});

test('a client that says it has no more to ask gets all answers', async (t) => {
  const { connect, open } = await listen(t, {});
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
  const { dial, open } = await listen(t, { mostConnections: 12, mostPerSource: 10 });
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
