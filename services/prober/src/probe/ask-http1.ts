/** One HTTP/1.1 request over a connection that is open already, to the headers of its answer. */
import { request as sendRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

import { joinedHeader, type HttpAnswer, type HttpRequest } from './http-exchange.ts';
import { codeOf, reasonOf, shortReason } from './reason.ts';

export function askHttp1(request: HttpRequest, socket: Socket): Promise<HttpAnswer> {
  const { method, path, host, headers, body } = request;
  return new Promise((resolve) => {
    const fail = (error: unknown) => resolve({ kind: 'fail', reason: answerReason(error) });
    const take = (response: IncomingMessage) => {
      response.on('error', () => {}); // the headers were judged; how the body ends is asked where it matters
      resolve({
        kind: 'answer',
        status: response.statusCode ?? 0,
        header: (name) => joinedHeader(response.headers[name]),
        body: response,
      });
    };
    try {
      const asked = sendRequest({
        createConnection: () => socket,
        method,
        path,
        headers: { ...lengthOf(request), ...headers, host, connection: headers['connection'] ?? 'close' },
        setHost: false,
      });
      asked.once('response', take);
      asked.once('upgrade', take); // status 101 may be what is wanted
      asked.on('error', fail);
      asked.once('close', () => fail(Object.assign(new Error('connection closed'), { code: 'ECONNRESET' })));
      asked.end(body);
    } catch (error) {
      // Only for paths and headers that HTTP cannot carry.
      resolve({
        kind: 'unable',
        reason: shortReason(`the monitor's request cannot be sent: ${reasonOf(error)}`),
      });
    }
  });
}

/** Node tells the length of a body itself, but not with methods that seldom have one, as DELETE and OPTIONS. */
function lengthOf({ body, headers }: HttpRequest): { 'content-length'?: string } {
  if (body === undefined || headers['transfer-encoding'] !== undefined) return {};
  return { 'content-length': String(Buffer.byteLength(body)) };
}

function answerReason(error: unknown): string {
  return codeOf(error) === 'ECONNRESET' ? 'connection closed before the headers came' : reasonOf(error);
}
