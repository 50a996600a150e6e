/** grpc.health.v1 with and without TLS, for the conformance suite; the answers are written octet by octet. */
import type { ServerHttp2Stream } from 'node:http2';

import type { Behaviour, KindUnderTest } from './kind-under-test.ts';
import { SERVER_NAME } from './kind-under-test.ts';
import { serveHttp2, writeWithoutEnd } from './serve-stream.ts';

/** The request for "shop": frame of six octets, field 1, its length, the name. */
const ASKED = Buffer.from([0, 0, 0, 0, 6, 0x0a, 4, ...Buffer.from('shop')]);

export const grpcKinds: readonly KindUnderTest[] = [false, true].map((secure): KindUnderTest => ({
  name: secure ? 'grpc over TLS' : 'grpc',
  transport: 'tcp',
  secure,
  probe: (tls) => ({ type: 'grpc', host: SERVER_NAME, service: 'shop', ...(secure ? { tls } : {}) }),
  serve: (behaviour, place) => serveHttp2((stream, cut) => answer(behaviour, stream, cut), place),
  reasons: {
    refused: /^connection refused$/,
    wrong: /^service "shop" is NOT_SERVING, wanted SERVING$/,
    huge: /^answer is too long for one of a health service$/,
    cut: /^connection closed before the answer was whole$/,
  },
}));

function answer(behaviour: Behaviour, stream: ServerHttp2Stream, cut: () => void): void {
  if (behaviour === 'silent') return;
  const asked: Buffer[] = [];
  stream.on('data', (part: Buffer) => asked.push(part));
  stream.once('end', () => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    const known = Buffer.concat(asked).equals(ASKED);
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': known ? '0' : '5' }));
    const status = behaviour === 'wrong' ? 2 : 1;
    if (behaviour === 'huge') writeWithoutEnd(stream, Buffer.alloc(16_384));
    else if (behaviour === 'cut') stream.write(Buffer.from([0, 0, 0]), cut);
    else stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, status]));
  });
}
