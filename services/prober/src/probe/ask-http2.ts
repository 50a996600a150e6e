/**
 * One HTTP/2 request (RFC 9113) over a connection that is open already. Flow control bounds what a target can send
 * unasked to 64 KiB; pushes are not accepted.
 */
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

import type { Attempt } from './attempt.ts';
import { joinedHeader, type HttpAnswer, type HttpRequest } from './http-exchange.ts';
import type { ProbeUnable } from './probe-result.ts';
import { codeOf, reasonOf, shortReason } from './reason.ts';

/** Headers of a connection, which HTTP/2 has not (RFC 9113 section 8.2.2). */
const OF_CONNECTIONS = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

export async function askHttp2(
  scheme: 'http' | 'https',
  request: HttpRequest,
  socket: Socket,
  attempt: Attempt,
): Promise<HttpAnswer> {
  const asked = startHttp2(scheme, request, socket, attempt);
  if (asked.kind === 'unable') return asked;
  const { session, stream } = asked;
  return new Promise((resolve) => {
    const fail = (error: unknown) => resolve({ kind: 'fail', reason: http2Reason(error) });
    stream.once('response', (headers) =>
      resolve({
        kind: 'answer',
        status: headers[':status'] ?? 0,
        header: (name) => joinedHeader(headers[name]),
        body: stream,
      }),
    );
    stream.on('error', fail);
    session.on('error', fail);
    stream.once('close', () => fail(undefined));
    session.once('close', () => fail(undefined));
  });
}

export type StartedHttp2 =
  | { readonly kind: 'started'; readonly session: ClientHttp2Session; readonly stream: ClientHttp2Stream }
  | ProbeUnable;

/** Sends the request; what comes back is the caller's to listen to. */
export function startHttp2(
  scheme: 'http' | 'https',
  {
    method,
    path,
    host,
    headers,
    body,
  }: Omit<HttpRequest, 'body'> & { readonly body?: string | Buffer | undefined },
  socket: Socket,
  attempt: Attempt,
): StartedHttp2 {
  try {
    // The URL is for Node alone: where to connect to was decided, and `:authority` says whom we ask.
    const session = connect(`${scheme}://signpost.invalid`, {
      createConnection: () => socket,
      settings: { enablePush: false },
    });
    attempt.own(session);
    const stream = session.request(
      {
        ...Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_CONNECTIONS.has(name))),
        ':method': method,
        ':path': path,
        ':scheme': scheme,
        ':authority': host,
      },
      { endStream: body === undefined },
    );
    if (body !== undefined) stream.end(body);
    return { kind: 'started', session, stream };
  } catch (error) {
    return {
      kind: 'unable',
      reason: shortReason(`the monitor's request cannot be sent: ${reasonOf(error)}`),
    };
  }
}

/** `error` undefined: it closed without a word. `before`: what was still waited for. */
export function http2Reason(error: unknown, before = 'the headers came'): string {
  const code = codeOf(error);
  if (error === undefined || code === 'ECONNRESET' || code === 'ERR_HTTP2_STREAM_CANCEL') {
    return `connection closed before ${before}`;
  }
  if (code === 'ERR_HTTP2_ERROR') return 'answer is not HTTP/2';
  const refused = /NGHTTP2_[A-Z_]+/.exec(error instanceof Error ? error.message : '');
  if (refused !== null) return `server ended the HTTP/2 stream (${refused[0].slice('NGHTTP2_'.length)})`;
  return reasonOf(error);
}
