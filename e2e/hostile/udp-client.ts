/**
 * One UDP client of one server, which tells silence from slowness without waiting: a server of one worker answers in
 * the order of arrival, so what has no response when two later queries have theirs will have none.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

import { encodeQuery } from '@signpost/testkit/dns-client';

const WAIT_MS = 2_000;
const CONTROL = encodeQuery({ name: 'www.example.net', type: 'A', edns: true });
/** Ids from here on are the control queries'; `ask` and `send` take those below. */
export const FIRST_CONTROL_ID = 0x8000;

export interface UdpClient extends Disposable {
  /** Control queries that had no response in time, ever. */
  readonly missed: number;
  readonly controls: number;
  /** Where the response goes to each packet that was sent, by id; a packet's first two octets are it. */
  onResponse: (response: Buffer) => void;
  send(packet: Uint8Array): void;
  /** A control query: true when it is answered as it should be. */
  control(): Promise<boolean>;
  /** The response to a packet that has an id of its own; `mayBeSilent`: undefined at once when none comes, else after `waitMs`. */
  ask(packet: Uint8Array, mayBeSilent: boolean): Promise<Buffer | undefined>;
}

/** @param waitMs how long a response may take */
export async function openUdpClient(port: number, waitMs = WAIT_MS): Promise<UdpClient> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 22, sendBufferSize: 1 << 22 });
  socket.on('error', () => {}); // a server that is gone shows as silence
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const waiting = new Map<number, (response: Buffer) => void>();
  const responseTo = (id: number, packet: Uint8Array) =>
    new Promise<Buffer | undefined>((resolve) => {
      const finish = (response: Buffer | undefined) => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve(response);
      };
      const timer = setTimeout(finish, waitMs, undefined);
      waiting.set(id, finish);
      socket.send(packet);
    });
  let nextControl = 0;
  const client: UdpClient & { missed: number; controls: number } = {
    missed: 0,
    controls: 0,
    onResponse: () => {},
    send: (packet) => socket.send(packet),
    control: async () => {
      const id = FIRST_CONTROL_ID + (nextControl++ % FIRST_CONTROL_ID);
      const query = Buffer.from(CONTROL);
      query.writeUInt16BE(id, 0);
      const response = await responseTo(id, query);
      const isAnswered = response !== undefined && response.readUInt16BE(6) === 1;
      client.controls += 1;
      if (!isAnswered) client.missed += 1;
      return isAnswered;
    },
    ask: async (packet, mayBeSilent) => {
      let response: Buffer | undefined;
      client.onResponse = (candidate) => {
        if (candidate[0] === packet[0] && candidate[1] === packet[1]) response ??= candidate;
      };
      const id = packet.length < 2 ? -1 : (packet[0]! << 8) | packet[1]!;
      if (!mayBeSilent) response = await responseTo(id, packet);
      else {
        client.send(packet);
        await client.control();
        await client.control();
      }
      return response;
    },
    [Symbol.dispose]: () => void socket.close(),
  };
  socket.on('message', (response) => {
    const take = response.length < 2 ? undefined : waiting.get(response.readUInt16BE(0));
    if (take === undefined) client.onResponse(response);
    else take(response);
  });
  return client;
}
