/** A TCP or TLS listener over a small zone, with a clock that stands still, and clients that end with the test. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

import type { Prefix } from '@signpost/dns/address';
import { encodeQuery } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';

import { Counters, countersMemory, type DropReason, readCounters } from '../count/counters.ts';
import { choosePorts } from '../listen/choose-ports.ts';
import { Connections } from '../listen/connections.ts';
import { Responder } from '../listen/responder.ts';
import { TCP_LIMITS, type TcpLimits } from '../listen/tcp-limits.ts';
import { openTcpListener } from '../listen/tcp-listener.ts';
import { type Certificate, openTlsListener, type TlsListener } from '../listen/tls-listener.ts';
import { contextFor, snapshotOf, zoneOf } from './sample-zone.ts';

interface Given {
  readonly limits?: Partial<TcpLimits>;
  readonly proxyFrom?: readonly Prefix[];
  /** Given: over TLS. */
  readonly certificate?: Certificate;
}

const message = encodeQuery({ name: 'www.example.net', type: 'A', id: 7 });
/** A query as it stands in the stream. */
export const framed = Buffer.concat([Buffer.of(0, message.length), message]);

export async function openStreamListener(
  t: TestContext,
  { limits = {}, proxyFrom = [], certificate }: Given,
) {
  let nowMs = 0;
  const memory = countersMemory();
  const counters = new Counters(memory);
  const context = contextFor(snapshotOf(zoneOf('example.net', 'www A 192.0.2.1')));
  const { dns } = await choosePorts({
    dns: [{ kind: 'port', host: '127.0.0.1', family: 4, port: 0 }],
    tls: [],
    proxyFrom,
  });
  const clock = () => nowMs;
  const shared = { limits: { ...TCP_LIMITS, ...limits }, counters, monotonic: clock };
  const connections = new Connections(shared);
  const responder = new Responder(context, counters, clock, clock);
  const endpoint = dns[0]!;
  const options = { ...shared, endpoint, responder, connections, proxyFrom };
  const listener: AsyncDisposable | TlsListener =
    certificate === undefined
      ? await openTcpListener(options)
      : await openTlsListener({ ...options, certificate, ticketKeys: new Uint8Array(48) });
  const sockets: Socket[] = [];
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await listener[Symbol.asyncDispose]();
  });
  const open = () => readCounters([memory]).tcpConnections;
  return {
    port: endpoint.port,
    pass: (ms: number) => void (nowMs += ms),
    open,
    dropped: (reason: DropReason = 'tcp_timeout') => readCounters([memory]).dropped(reason),
    renew: (renewed: Certificate) => (listener as TlsListener).renew(renewed),
    dial,
    connect: async () => {
      const before = open();
      const socket = await dial();
      await eventually(() => open() > before);
      return socket;
    },
  };

  async function dial(from = '127.0.0.1'): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: endpoint.port, localAddress: from });
    sockets.push(socket);
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }
}

/** Asks and waits for the response. */
export async function answered(socket: Socket): Promise<void> {
  socket.write(framed);
  await once(socket, 'data');
}
