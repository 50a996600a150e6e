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
    responder: new Responder(context, counters, () => nowMs),
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
    connect: async () => {
      const before = open;
      const socket = connect(endpoint!.port, '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => {});
      await once(socket, 'connect');
      await eventually(() => open > before);
      return socket;
    },
  };
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
