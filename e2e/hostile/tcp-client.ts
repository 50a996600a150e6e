/** One TCP connection to one server, written to octet by octet as a case wants it; responses are kept by id. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import { eventually } from '@signpost/testkit/eventually';

const CONNECT_MS = 1_000;

export interface TcpClient extends Disposable {
  readonly socket: Socket;
  readonly responses: ReadonlyMap<number, Buffer>;
  readonly isClosed: boolean;
  /** Resolves when the kernel has the octets. */
  write(octets: Uint8Array): Promise<void>;
  /** Undefined: the connection was closed, or nothing came in `waitMs`. */
  response(id: number, waitMs?: number): Promise<Buffer | undefined>;
}

export async function openTcpClient(port: number, from = '127.0.0.1'): Promise<TcpClient> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: from, noDelay: true });
  const responses = new Map<number, Buffer>();
  let received: Buffer = Buffer.alloc(0);
  let isClosed = false;
  socket.on('error', () => {});
  socket.on('close', () => (isClosed = true));
  socket.on('end', () => (isClosed = true));
  socket.on('data', (data: Buffer) => {
    received = Buffer.concat([received, data]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      if (end >= 4) responses.set(received.readUInt16BE(2), received.subarray(2, end));
      received = received.subarray(end);
    }
  });
  // A server whose queue is full lets a client wait for minutes; what is written waits with it.
  await Promise.race([once(socket, 'connect').catch(() => {}), wait(CONNECT_MS)]);
  return {
    socket,
    responses,
    get isClosed() {
      return isClosed;
    },
    write: (octets) => new Promise((resolve) => void socket.write(octets, () => resolve())),
    response: async (id, waitMs = 2_000) => {
      const look = () => responses.get(id) ?? (isClosed ? 'closed' : undefined);
      const seen = await eventually(look, Boolean, { deadlineMs: waitMs, pauseMs: 1 }).catch(() => undefined);
      return typeof seen === 'string' ? responses.get(id) : seen;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** Two octets of length before the message (RFC 1035 4.2.2). */
export function framed(message: Uint8Array, length = message.length): Buffer {
  return Buffer.concat([Buffer.of((length >> 8) & 0xff, length & 0xff), message]);
}
