/**
 * Servers over TCP and TLS for the conformance suite: they count their connections, and break all of them when
 * disposed of. Every one reads what comes, since only who reads sees the end.
 */
import { once } from 'node:events';
import {
  createServer as createHttp2Server,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';

import type { Place, Served } from './kind-under-test.ts';

/** Resets all connections of the server, as a host does that dies: no protocol above TCP says goodbye. */
type Cut = () => void;

/** `serve` is called at once with each connection, after the handshake if there is one. */
export function serveSockets(serve: (socket: Socket, cut: Cut) => void, place: Place): Promise<Served> {
  const open = new Set<Socket>();
  const talk = (socket: Socket) => {
    socket.on('error', () => {}); // probes end as they like
    serve(socket, () => resetAll(open));
    socket.resume();
  };
  const { certificates } = place;
  if (certificates === undefined) return listen(createTcpServer(talk), place.host, open);
  const { key, cert } = certificates;
  return listen(createTlsServer({ key, cert, ALPNProtocols: ['http/1.1'] }, talk), place.host, open);
}

export function serveHttp2(
  serve: (stream: ServerHttp2Stream, cut: Cut) => void,
  place: Place,
  onHeaders: (headers: IncomingHttpHeaders) => void = () => {},
): Promise<Served> {
  const open = new Set<Socket>();
  const { certificates } = place;
  const server =
    certificates === undefined
      ? createHttp2Server()
      : createSecureServer({ key: certificates.key, cert: certificates.cert });
  server.on('session', (session) => session.on('error', () => {}));
  server.on('stream', (stream, headers) => {
    onHeaders(headers);
    stream.on('error', () => {});
    serve(stream, () => resetAll(open));
    stream.resume();
  });
  return listen(server, place.host, open);
}

/** Writes the same for ever, as fast as it is taken. */
export function writeWithoutEnd(to: Writable, part: string | Buffer): void {
  const more = () => {
    while (!to.destroyed && to.write(part));
  };
  to.on('drain', more);
  more();
}

function resetAll(open: ReadonlySet<Socket>): void {
  for (const socket of open) socket.resetAndDestroy();
}

/** `open` is kept as the connections that are. */
async function listen(server: Server, host: string, open: Set<Socket>): Promise<Served> {
  let seen = 0;
  server.on('tlsClientError', () => {}); // a probe that does not trust us is the test's business
  server.on('connection', (socket: Socket) => {
    seen += 1;
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    host,
    port: (server.address() as AddressInfo).port,
    open: () => open.size,
    seen: () => seen,
    datagramSockets: 0,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}
