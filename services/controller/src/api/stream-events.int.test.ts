/** Server-Sent Events over real sockets: a client that does not read must cost nobody else anything. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { test } from 'node:test';

import { encodeEvent } from '@signpost/contracts/cloud-event';
import { generationSchema, recordsChanged } from '@signpost/contracts/publication';
import { streams, subjects } from '@signpost/contracts/subjects';
import { createMemoryMessaging } from '@signpost/memory/messaging';
import { eventually } from '@signpost/testkit/eventually';

import { createEventFeed } from './event-feed.ts';
import { streamEvents } from './stream-events.ts';

const EVENTS = 60;
const OCTETS = 500_000;

async function startFeed() {
  const open = new AsyncDisposableStack();
  const messaging = open.use(createMemoryMessaging());
  const stream = await messaging.stream(streams.events, { create: true, signal: AbortSignal.timeout(5_000) });
  const feed = createEventFeed();
  open.use(await feed.follow(stream));
  const stop = new AbortController();
  let clients = 0;
  const server = createServer((_request, response) => {
    clients += 1;
    void streamEvents({ response, feed, signal: stop.signal }).finally(() => (clients -= 1));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.defer(async () => {
    stop.abort();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const append = async (i: number) => {
    const data = {
      zone: 'example.net',
      base: generationSchema.parse(i),
      generation: generationSchema.parse(i + 1),
      why: ['x'.repeat(OCTETS)],
      changes: [],
    };
    const fields = { id: `e${i}`, source: '/test', subject: 'example.net', atMs: 0, data };
    await stream.append(subjects.recordsChanged('example.net'), encodeEvent(recordsChanged, fields), {
      id: `e${i}`,
    });
  };
  const { port } = server.address() as AddressInfo;
  const ask = async () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'readable');
    return socket;
  };
  return { append, ask, clients: () => clients, stop, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

test('a client that reads nothing is cut off, while another gets every event', async () => {
  await using world = await startFeed();
  const idle = await world.ask();
  const reader = await world.ask();
  let received = 0;
  reader.on('data', (octets: Buffer) => (received += octets.length));
  assert.equal(world.clients(), 2);
  for (let i = 0; i < EVENTS; i += 1) {
    await world.append(i);
    await eventually(
      () => received,
      (octets) => octets >= (i + 1) * OCTETS,
      { what: `event ${i} at the reader` },
    );
  }
  await eventually(
    () => world.clients(),
    (clients) => clients === 1,
    { what: 'the idle client to be cut off' },
  );
  idle.destroy();
  reader.destroy();
  await eventually(
    () => world.clients(),
    (clients) => clients === 0,
  );
});

test('a stop ends every stream in order', async () => {
  await using world = await startFeed();
  const reader = await world.ask();
  reader.resume();
  world.stop.abort();
  await once(reader, 'end');
  await eventually(
    () => world.clients(),
    (clients) => clients === 0,
  );
  reader.destroy();
});
