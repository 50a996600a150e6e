/** DNS over UDP and TCP for the conformance suite; messages are made and read by dns-packet, a codec not ours. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6, type Socket } from 'node:net';

import { decode, encode, type Packet } from 'dns-packet';

import type { Behaviour, KindUnderTest, Place, Served } from './kind-under-test.ts';
import { serveSockets, writeWithoutEnd } from './serve-stream.ts';

const NAME = 'go.example.net';
const WANTED = '192.0.2.10';

export const dnsKinds: readonly KindUnderTest[] = (['udp', 'tcp'] as const).map(
  (transport): KindUnderTest => ({
    name: `dns over ${transport.toUpperCase()}`,
    transport,
    secure: false,
    probe: () => ({
      type: 'dns',
      transport,
      name: `${NAME}.`,
      queryType: 'A',
      recurse: false,
      rcode: 'NOERROR',
      answers: [WANTED],
    }),
    serve: (behaviour, place) =>
      transport === 'udp'
        ? serveDatagrams(behaviour, place)
        : serveSockets((socket) => answerStream(behaviour, socket), place),
    reasons: {
      refused: transport === 'udp' ? /^port is closed$/ : /^connection refused$/,
      wrong: /^response code NXDOMAIN, wanted NOERROR$/,
      huge: transport === 'udp' ? /^"192\.0\.2\.10" not among 2000 answers$/ : /^answer is not DNS$/,
      cut: /^(connection closed before the answer was whole|connection reset)$/,
    },
  }),
);

/** The message that a target of this behaviour answers to a query. */
function messageFor(behaviour: Behaviour, query: Buffer): Buffer {
  const { id = 0, questions = [] } = decode(query);
  const addresses =
    behaviour === 'huge' ? Array.from({ length: 2_000 }, () => '192.0.2.99') : ['192.0.2.99', WANTED];
  const response: Packet = {
    type: 'response',
    id,
    flags: behaviour === 'wrong' ? 3 : 0,
    questions,
    answers: behaviour === 'wrong' ? [] : addresses.map((data) => ({ type: 'A', name: NAME, ttl: 30, data })),
  };
  return encode(response);
}

async function serveDatagrams(behaviour: Behaviour, { host }: Place): Promise<Served> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  let seen = 0;
  socket.on('message', (query, from) => {
    seen += 1;
    // Rubbish and the answer to another question go first: neither may end the wait.
    if (behaviour === 'silent') return;
    const message = messageFor(behaviour, query);
    socket.send(Buffer.from('rubbish'), from.port, from.address);
    socket.send(
      Buffer.concat([Buffer.from([~message[0]! & 0xff]), message.subarray(1)]),
      from.port,
      from.address,
    );
    socket.send(message, from.port, from.address);
  });
  socket.bind(0, host);
  await once(socket, 'listening');
  return {
    host,
    port: socket.address().port,
    open: () => 0,
    seen: () => seen,
    datagramSockets: 1,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function answerStream(behaviour: Behaviour, socket: Socket): void {
  socket.once('data', (asked: Buffer) => {
    if (behaviour === 'silent') return;
    const message = messageFor(behaviour === 'huge' ? 'healthy' : behaviour, asked.subarray(2));
    const framed = Buffer.concat([Buffer.from([message.length >> 8, message.length & 0xff]), message]);
    if (behaviour === 'huge') writeWithoutEnd(socket, Buffer.alloc(16_384, 0xff));
    else if (behaviour === 'cut') socket.write(framed.subarray(0, 20), () => socket.resetAndDestroy());
    else socket.write(framed);
  });
}
