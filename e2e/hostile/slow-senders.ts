/** Ways to hold a TCP connection of a name server without ever being done. Whoever calls ends them. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setInterval as every } from 'node:timers';
import { setTimeout as wait } from 'node:timers/promises';

import { encodeQuery } from '@signpost/testkit/dns-client';

import { framed } from './tcp-client.ts';

const QUERY = framed(encodeQuery({ id: 1, name: 'www.example.net', type: 'A', edns: true }));
const LONG_ANSWER = framed(encodeQuery({ id: 2, name: 'huge.example.net', type: 'TXT', edns: true }));
const PIPELINED = Buffer.concat(Array.from({ length: 100 }, () => LONG_ANSWER));

const MOST_WAIT_MS = 1_000;

export const MANNERS = {
  'send nothing': () => {},
  'send one octet': (socket) => socket.write(QUERY.subarray(0, 1)),
  'send half a message': (socket) => socket.write(QUERY.subarray(0, 20)),
  'send an octet each 200 ms': (socket) => {
    let sent = 0;
    const timer = every(() => socket.write(QUERY.subarray(sent, (sent += 1))), 200);
    socket.once('close', () => clearInterval(timer));
  },
  'ask on and read no answer': (socket) => {
    socket.pause();
    socket.write(PIPELINED);
  },
} as const satisfies Record<string, (socket: Socket) => void>;

export type Manner = keyof typeof MANNERS;

/** Connections that the server accepts or leaves in its queue; those that it closes stay closed. */
export async function openSlowSenders(
  manner: Manner,
  count: number,
  port: number,
  from: string,
): Promise<Disposable> {
  const sockets = Array.from({ length: count }, () => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: from });
    socket.on('error', () => {});
    socket.once('connect', () => MANNERS[manner](socket));
    return socket;
  });
  const settled = Promise.all(sockets.map((socket) => once(socket, 'connect').catch(() => {})));
  await Promise.race([settled, wait(MOST_WAIT_MS)]); // a full server leaves some of them in its queue
  return {
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
