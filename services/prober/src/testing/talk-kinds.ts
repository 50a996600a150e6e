/** TCP and TLS with a text sent and one expected, for the conformance suite. */
import type { Socket } from 'node:net';

import type { Behaviour, KindUnderTest } from './kind-under-test.ts';
import { SERVER_NAME } from './kind-under-test.ts';
import { serveSockets, writeWithoutEnd } from './serve-stream.ts';

const talk = { send: 'PING\r\n', contains: '+PONG' };

export const talkKinds: readonly KindUnderTest[] = (['tcp', 'tls'] as const).map((type): KindUnderTest => ({
  name: type,
  transport: 'tcp',
  secure: type === 'tls',
  probe: (tls) =>
    type === 'tcp' ? { type, ...talk } : { type, ...talk, tls: { ...tls, serverName: SERVER_NAME } },
  serve: (behaviour, place) => serveSockets((socket, cut) => answer(behaviour, socket, cut), place),
  reasons: {
    refused: /^connection refused$/,
    wrong: /^"\+PONG" is not in the answer$/,
    huge: /^"\+PONG" is not in the first 64 KiB of the answer$/,
    cut: /^connection closed in the middle of the answer$/,
  },
}));

function answer(behaviour: Behaviour, socket: Socket, cut: () => void): void {
  socket.once('data', (asked: Buffer) => {
    if (behaviour === 'healthy' && asked.equals(Buffer.from(talk.send))) {
      // Cut in two, as a network may do it.
      socket.write('+PO', () => setImmediate(() => socket.write('NG\r\n')));
    }
    if (behaviour === 'wrong') socket.end('-ERR\r\n');
    if (behaviour === 'cut') socket.write('+PO', cut);
    if (behaviour === 'huge') writeWithoutEnd(socket, '+PON '.repeat(4_096));
  });
}
