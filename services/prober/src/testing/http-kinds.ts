/** HTTP/1.1 and HTTP/2, with and without TLS, for the conformance suite; the body is wanted to contain a word. */
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

import type { Behaviour, KindUnderTest } from './kind-under-test.ts';
import { SERVER_NAME } from './kind-under-test.ts';
import { serveHttp2, serveSockets, writeWithoutEnd } from './serve-stream.ts';

export const httpKinds: readonly KindUnderTest[] = (['http1', 'http2'] as const).flatMap((protocol) =>
  (['http', 'https'] as const).map((scheme): KindUnderTest => ({
    name: `${scheme} by ${protocol}`,
    transport: 'tcp',
    secure: scheme === 'https',
    probe: (tls) => ({
      type: 'http',
      scheme,
      protocol,
      method: 'GET',
      host: SERVER_NAME,
      path: '/health',
      headers: {},
      expect: { status: [[200, 299]], header: {}, contains: 'hello' },
      tls,
    }),
    serve: (behaviour, place) =>
      protocol === 'http1'
        ? serveSockets((socket, cut) => answerHttp1(behaviour, socket, cut), place)
        : serveHttp2((stream, cut) => answerHttp2(behaviour, stream, cut), place),
    reasons: {
      refused: /^connection refused$/,
      wrong: /^status 503, wanted 2xx$/,
      huge: /^"hello" is not in the first 64 KiB of the body$/,
      cut: /^connection closed in the middle of the body$/,
    },
  })),
);

function answerHttp1(behaviour: Behaviour, socket: Socket, cut: () => void): void {
  const head = (status: string, length: number) =>
    `HTTP/1.1 ${status}\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`;
  socket.once('data', () => {
    if (behaviour === 'healthy') socket.end(`${head('200 OK', 11)}well, hello`);
    if (behaviour === 'wrong') socket.end(`${head('503 Service Unavailable', 5)}hello`);
    if (behaviour === 'cut') socket.write(`${head('200 OK', 11)}well, h`, cut);
    if (behaviour === 'huge') {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      writeWithoutEnd(socket, 'x'.repeat(16_384));
    }
  });
}

function answerHttp2(behaviour: Behaviour, stream: ServerHttp2Stream, cut: () => void): void {
  if (behaviour === 'silent') return;
  stream.respond({ ':status': behaviour === 'wrong' ? 503 : 200 });
  if (behaviour === 'huge') writeWithoutEnd(stream, 'x'.repeat(16_384));
  else if (behaviour === 'cut') stream.write('well, h', cut);
  else stream.end('well, hello');
}
