/** UDP by Node's own sockets, for where the addon is not: one system call and one event for each datagram. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';

import {
  MOST_UDP_OCTETS,
  type UdpLayer,
  type UdpSocket,
  type UdpSocketOptions,
} from '@signpost/contracts/udp-layer';
import { SourceAddress } from '@signpost/dns/source-address';

/** Answers on their way into the kernel; more than this and new ones are dropped, as a full queue would. */
const MOST_BUFFERS = 4_096;

export const dgramLayer: UdpLayer = { name: 'dgram', keepsAskedAddress: false, open };

async function open(options: UdpSocketOptions): Promise<UdpSocket> {
  const { family, receiveBufferOctets } = options;
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    reusePort: true,
    ipv6Only: family === 6, // so that 0.0.0.0 and :: may stand side by side
    recvBufferSize: receiveBufferOctets,
    // Peers are always addresses: without this each answer would go through a look-up of names.
    lookup: (address, _options, callback) => callback(null, address, family),
  });
  await bind(socket, options);
  serve(socket, options);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => new Promise((resolve) => void socket.close(resolve));
  return { port: socket.address().port, [Symbol.asyncDispose]: () => (closed ??= close()) };
}

function bind(socket: Socket, { host, port }: UdpSocketOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ port, address: host, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}

function serve(socket: Socket, { onBatch, answer, onDrop }: UdpSocketOptions): void {
  const source = new SourceAddress();
  const free: Uint8Array[] = [];
  let buffers = 0;
  socket.on('error', () => onDrop('receive_failed'));
  socket.on('message', (packet: Buffer, peer: RemoteInfo) => {
    if (packet.length > MOST_UDP_OCTETS) return onDrop('oversized');
    if (free.length === 0 && buffers === MOST_BUFFERS) return onDrop('send_failed');
    const output = free.pop() ?? newBuffer();
    onBatch();
    output.set(packet);
    const length = answer(output, packet.length, source.parse(peer.address));
    // Port 0 cannot be answered, and the kernel would say so with an exception.
    if (length === 0 || peer.port === 0) return void free.push(output);
    // The kernel may take the octets later, so the buffer is free only when it says so.
    socket.send(output, 0, length, peer.port, peer.address, (error) => {
      free.push(output);
      if (error !== null) onDrop('send_failed');
    });
  });

  function newBuffer(): Uint8Array {
    buffers += 1;
    return new Uint8Array(MOST_UDP_OCTETS);
  }
}
