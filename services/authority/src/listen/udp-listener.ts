/**
 * Queries over UDP: one socket of one worker on one address, which shares the port with the other workers and
 * answers from that address; on a wildcard address the kernel chooses one, which need not be the one that was asked.
 * It knows octets and addresses, not DNS.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';

import { type Prefix, prefixHolds } from '@signpost/dns/address';
import { OUR_UDP_SIZE } from '@signpost/dns/constants';

import type { Counters } from '../count/counters.ts';
import { Transport } from '../serve/transport.ts';
import { type DnsEndpoint, listenFailure } from './endpoint.ts';
import { ProxyHeader } from './proxy-header.ts';
import type { Responder } from './responder.ts';
import { SourceAddress } from './source-address.ts';

/** A burst waits here while the worker builds a snapshot; the kernel gives what `net.core.rmem_max` allows. */
const RECEIVE_BUFFER_OCTETS = 4 * 1024 * 1024;
/** Responses on their way into the kernel; more than this and new ones are dropped, as a full queue would. */
const MOST_BUFFERS = 4_096;

export interface UdpListenerOptions {
  readonly endpoint: DnsEndpoint;
  readonly responder: Responder;
  readonly counters: Counters;
  /** Networks whose datagrams begin with a PROXY header. */
  readonly proxyFrom: readonly Prefix[];
}

export async function openUdpListener(options: UdpListenerOptions): Promise<AsyncDisposable> {
  const { endpoint } = options;
  const socket = createSocket({
    type: endpoint.family === 4 ? 'udp4' : 'udp6',
    reusePort: true,
    ipv6Only: endpoint.family === 6, // so that 0.0.0.0 and :: may stand side by side
    recvBufferSize: RECEIVE_BUFFER_OCTETS,
    // Peers are always addresses: without this each response would go through a look-up of names.
    lookup: (address, _options, callback) => callback(null, address, endpoint.family),
  });
  await bind(socket, endpoint);
  serve(socket, options);
  return { [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void socket.close(() => resolve())) };
}

function bind(socket: Socket, endpoint: DnsEndpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(listenFailure(error, endpoint, 'UDP'));
    });
    socket.bind({ port: endpoint.port, address: endpoint.host, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}

function serve(socket: Socket, { responder, counters, proxyFrom }: UdpListenerOptions): void {
  const source = new SourceAddress();
  const header = new ProxyHeader();
  const free: Uint8Array[] = [];
  let buffers = 0;
  socket.on('error', () => counters.drop('receive_failed'));
  socket.on('message', (packet: Buffer, peer: RemoteInfo) => {
    if (free.length === 0 && buffers === MOST_BUFFERS) return counters.drop('send_failed');
    let client = source.parse(peer.address);
    let query = packet;
    if (proxyFrom.length > 0 && isAmong(proxyFrom, client)) {
      const length = header.parse(packet);
      if (length <= 0) return counters.drop('proxy_malformed');
      client = header.client ?? client;
      query = packet.subarray(length);
    }
    const output = free.pop() ?? newBuffer();
    const length = responder.respond(query, client, Transport.udp, output);
    // Port 0 cannot be answered, and the kernel would say so with an exception.
    if (length === 0 || peer.port === 0) return void free.push(output);
    // The kernel may take the octets later, so the buffer is free only when it says so.
    socket.send(output, 0, length, peer.port, peer.address, (error) => {
      free.push(output);
      if (error !== null) counters.drop('send_failed');
    });
  });

  function newBuffer(): Uint8Array {
    buffers += 1;
    return new Uint8Array(OUR_UDP_SIZE);
  }
}

function isAmong(prefixes: readonly Prefix[], address: Uint8Array): boolean {
  for (let i = 0; i < prefixes.length; i += 1) if (prefixHolds(prefixes[i]!, address)) return true;
  return false;
}
