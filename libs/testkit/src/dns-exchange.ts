/**
 * Sends octets to a DNS server over UDP or TCP and hands back what comes, with
 * no opinion about either. Time limits end as errors that say what was asked of whom.
 */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

export interface DnsServerAddress {
  /** IPv4 or IPv6 address. */
  readonly server: string;
  readonly port: number;
  /** Default 2,000. */
  readonly timeoutMs?: number;
  /** The local address to ask from, e.g. `127.0.0.2`. */
  readonly from?: string;
}

export class DnsTimeout extends Error {
  override readonly name = 'DnsTimeout';
}

/** The first datagram that comes back with the id of `query` (its first two octets). */
export function exchangeUdp(query: Uint8Array, address: DnsServerAddress): Promise<Buffer> {
  const { server, port, timeoutMs = 2_000, from } = address;
  return new Promise((resolve, reject) => {
    const socket = createSocket(server.includes(':') ? 'udp6' : 'udp4');
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      socket.close();
      settle();
    };
    const timer = setTimeout(() => finish(() => reject(timedOut('UDP', address))), timeoutMs);
    socket.once('error', (error) => finish(() => reject(error)));
    socket.on('message', (message) => {
      if (query.length < 2 || (message[0] === query[0] && message[1] === query[1]))
        finish(() => resolve(message));
    });
    socket.bind({ port: 0, ...(from === undefined ? {} : { address: from }) }, () => {
      // Connected, so that a closed port is an error at once instead of silence.
      socket.connect(port, server, () => socket.send(query));
    });
  });
}

/** Sends all queries at once on one connection (RFC 7766 section 6.2.1.1); answers come in the server's order. */
export function exchangeTcp(queries: readonly Uint8Array[], address: DnsServerAddress): Promise<Buffer[]> {
  const { server, port, timeoutMs = 2_000, from } = address;
  return new Promise((resolve, reject) => {
    const answers: Buffer[] = [];
    let received: Buffer = Buffer.alloc(0);
    const socket = connect({ host: server, port, ...(from === undefined ? {} : { localAddress: from }) });
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const timer = setTimeout(() => finish(() => reject(timedOut('TCP', address))), timeoutMs);
    socket.once('connect', () => socket.write(Buffer.concat(queries.map(framed))));
    socket.once('error', (error) => finish(() => reject(error)));
    socket.once('close', () =>
      finish(() =>
        reject(new Error(`${server}:${port} closed after ${answers.length} of ${queries.length} answers`)),
      ),
    );
    socket.on('data', (data) => {
      received = takeMessages(Buffer.concat([received, data]), answers);
      if (answers.length >= queries.length) finish(() => resolve(answers));
    });
  });
}

/** Two octets of length before each message (RFC 1035 section 4.2.2). */
function framed(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(message.length >> 8, message.length & 0xff), message]);
}

/** Moves whole messages to `answers` and returns what is left. */
function takeMessages(received: Buffer, answers: Buffer[]): Buffer {
  let rest = received;
  while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
    const end = 2 + rest.readUInt16BE(0);
    answers.push(rest.subarray(2, end));
    rest = rest.subarray(end);
  }
  return rest;
}

function timedOut(transport: string, { server, port, timeoutMs = 2_000 }: DnsServerAddress): DnsTimeout {
  return new DnsTimeout(`${server} port ${port} did not answer over ${transport} within ${timeoutMs} ms`);
}
