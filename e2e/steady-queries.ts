/**
 * Asks one question at a fixed rate over UDP and knows which were never answered: what a client sees of an outage.
 * Bounded in rate and time; 127.0.0.1 only.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

import { encodeQuery } from '@signpost/testkit/dns-client';

export interface QueryTally {
  readonly sent: number;
  readonly answered: number;
  /** Answered, but not with NOERROR and at least one record. */
  readonly wrong: number;
  /** Distinct addresses answered, in order of appearance. */
  readonly addresses: readonly string[];
}

export interface SteadyQueries {
  /** Stops asking, waits up to a second for late answers, and tells. */
  stop(): Promise<QueryTally>;
}

const TICK_MS = 10;
const MOST_QUERIES = 120_000;

/** `perSecond`: at most 2,000. */
export async function askSteadily(options: {
  port: number;
  name: string;
  subnet: string;
  perSecond: number;
}): Promise<SteadyQueries> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  socket.connect(options.port, '127.0.0.1');
  await once(socket, 'connect');
  const outstanding = new Set<number>();
  const addresses = new Set<string>();
  let sent = 0;
  let answered = 0;
  let wrong = 0;
  socket.on('error', () => undefined); // a refused port shows as unanswered queries
  socket.on('message', (message) => {
    if (!outstanding.delete(message.readUInt16BE(0))) return;
    answered += 1;
    if ((message[3]! & 0x0f) !== 0 || message.readUInt16BE(6) === 0) wrong += 1;
    else addresses.add(firstAddress(message));
  });
  const template = encodeQuery({ name: options.name, type: 'A', subnet: options.subnet, id: 0 });
  const begun = performance.now();
  const timer = setInterval(() => {
    const due = Math.min(MOST_QUERIES, ((performance.now() - begun) / 1000) * options.perSecond);
    for (; sent < due; sent += 1) {
      const query = Buffer.from(template);
      query.writeUInt16BE(sent & 0xffff, 0);
      outstanding.add(sent & 0xffff);
      socket.send(query);
    }
  }, TICK_MS);
  return {
    async stop() {
      clearInterval(timer);
      const deadline = performance.now() + 1_000;
      while (outstanding.size > 0 && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      }
      socket.close();
      return { sent, answered, wrong, addresses: [...addresses] };
    },
  };
}

/** The last four octets of the first answer: name pointer (2), type, class, ttl, length (10), address (4). */
function firstAddress(message: Buffer): string {
  let at = 12;
  while (message[at] !== 0) at += message[at]! + 1;
  const address = at + 5 + 12;
  return [...message.subarray(address, address + 4)].join('.');
}
