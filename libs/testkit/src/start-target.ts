/**
 * Real HTTP, HTTPS and TCP targets for health checks: their behaviour can be
 * switched, they can be killed and come back on the same port, and they record
 * what reached them. They must not know what a prober is.
 */
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

import { makeTestCertificates, type TestCertificates } from './test-certificates.ts';

/** What a target does with a connection or request. */
export type TargetBehaviour =
  | {
      readonly kind: 'answer';
      readonly status?: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly delayMs?: number;
    }
  /** Accepts and never answers. */
  | { readonly kind: 'hang' }
  /** Accepts and resets the connection. */
  | { readonly kind: 'reset' };

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string | undefined;
  readonly headers: IncomingMessage['headers'];
  /** TLS server name (SNI), if the client sent one. */
  readonly serverName: string | undefined;
}

export interface TestTarget extends AsyncDisposable {
  readonly kind: 'http' | 'https' | 'tcp';
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:1234`, `tcp://…` */
  readonly url: string;
  /** PEM of the authority to trust; only with https. */
  readonly ca: string | undefined;
  readonly requests: readonly SeenRequest[];
  readonly connectionCount: number;
  behave(behaviour: TargetBehaviour): void;
  /** Healthy: answers 200 (TCP: stays open). Not: 503 (TCP: reset). */
  setHealthy(isHealthy: boolean): void;
  /** Stops listening and breaks every connection: what a dead process looks like. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

export interface TestTargetOptions {
  readonly kind?: TestTarget['kind'];
  readonly host?: string;
  readonly port?: number;
  readonly certificates?: TestCertificates;
}

interface TargetState {
  behaviour: TargetBehaviour;
  readonly requests: SeenRequest[];
  readonly sockets: Set<Socket>;
  connectionCount: number;
}

export async function startTarget(options: TestTargetOptions = {}): Promise<TestTarget> {
  const { kind = 'http', host = '127.0.0.1' } = options;
  const certificates = kind === 'https' ? (options.certificates ?? makeTestCertificates()) : undefined;
  const state: TargetState = {
    behaviour: { kind: 'answer' },
    requests: [],
    sockets: new Set(),
    connectionCount: 0,
  };
  let server = await listen(kind, state, certificates, host, options.port ?? 0);
  const { port } = server.address() as AddressInfo;

  const kill = async () => {
    if (!server.listening) return;
    server.close();
    for (const socket of state.sockets) breakOff(socket);
    await once(server, 'close');
  };
  const behave = (behaviour: TargetBehaviour) => {
    state.behaviour = behaviour;
  };
  return {
    kind,
    host,
    port,
    url: `${kind}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: certificates?.ca,
    requests: state.requests,
    get connectionCount() {
      return state.connectionCount;
    },
    behave,
    setHealthy: (isHealthy) => behave(isHealthy ? { kind: 'answer' } : sickness(kind)),
    kill,
    restart: async () => {
      await kill();
      server = await listen(kind, state, certificates, host, port);
    },
    [Symbol.asyncDispose]: kill,
  };
}

/** A reset of a socket that is already ending makes Node 24.21 spin; what ends needs none. */
function breakOff(socket: Socket): void {
  if (socket.readableEnded || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function sickness(kind: TestTarget['kind']): TargetBehaviour {
  return kind === 'tcp' ? { kind: 'reset' } : { kind: 'answer', status: 503, body: 'failing\n' };
}

async function listen(
  kind: TestTarget['kind'],
  state: TargetState,
  certificates: TestCertificates | undefined,
  host: string,
  port: number,
): Promise<Server> {
  const server = createServer(kind, state, certificates);
  server.on('connection', (socket: Socket) => {
    state.connectionCount += 1;
    state.sockets.add(socket);
    socket.on('error', () => {}); // clients come and go as they like
    socket.once('close', () => state.sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

function createServer(kind: TestTarget['kind'], state: TargetState, certificates?: TestCertificates): Server {
  if (kind === 'tcp') return createTcpServer((socket) => answerConnection(state.behaviour, socket));
  const answer: RequestListener = (request, response) => {
    state.requests.push(describe(request));
    answerRequest(state.behaviour, request, response);
  };
  if (certificates === undefined) return createHttpServer(answer);
  const server = createHttpsServer({ key: certificates.key, cert: certificates.cert }, answer);
  server.on('tlsClientError', () => {}); // a client that does not trust us is a test's business
  return server;
}

function answerConnection(behaviour: TargetBehaviour, socket: Socket): void {
  if (behaviour.kind === 'reset') return void socket.resetAndDestroy();
  socket.resume(); // whoever does not read does not notice that the client went
  if (behaviour.kind === 'answer' && behaviour.body !== undefined) socket.write(behaviour.body);
}

function answerRequest(
  behaviour: TargetBehaviour,
  ...[request, response]: Parameters<RequestListener>
): void {
  if (behaviour.kind === 'hang') return;
  if (behaviour.kind === 'reset') return request.socket.destroy() as unknown as void;
  const { status = 200, body = 'ok\n', headers = {}, delayMs = 0 } = behaviour;
  const send = () => response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body);
  if (delayMs === 0) send();
  else setTimeout(send, delayMs).unref();
}

function describe(request: IncomingMessage): SeenRequest {
  const { servername } =
    request.socket instanceof TLSSocket
      ? (request.socket as TLSSocket & { servername?: string | false })
      : {};
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    host: request.headers.host,
    headers: request.headers,
    serverName: typeof servername === 'string' ? servername : undefined,
  };
}
