/**
 * What operators and orchestrators ask of each service: `/livez` (the process runs; never depends on NATS or Redis),
 * `/readyz` (it may get traffic, else 503 and why not), `/metrics`. Knows nothing of any service.
 */
import { rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';

import { formatListenAddress, type ListenAddress } from '@signpost/config/listen-address';

export interface Readiness {
  readonly ready: boolean;
  /** Why not, one line each. */
  readonly reasons: readonly string[];
}

export interface AdminOptions {
  readonly listen: ListenAddress;
  readonly ready: () => Readiness;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
}

export interface AdminServer extends AsyncDisposable {
  /** Where it really listens: port 0 is replaced. */
  readonly address: ListenAddress;
}

export async function startAdminServer(options: AdminOptions): Promise<AdminServer> {
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 5_000, maxHeaderSize: 4_096 },
    (request, response) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') return reply(response, 405, 'GET or HEAD');
      answer(options, (request.url ?? '/').split('?')[0]!, response).catch((error: unknown) =>
        reply(response, 500, error instanceof Error ? error.message : 'failed'),
      );
    },
  );
  server.maxConnections = 64;
  server.keepAliveTimeout = 5_000;
  await listen(server, options.listen);
  return {
    address: boundAddress(server, options.listen),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(options: AdminOptions, path: string, response: ServerResponse): Promise<void> {
  switch (path) {
    case '/livez':
    case '/healthz':
      return reply(response, 200, 'ok');
    case '/readyz': {
      const { ready, reasons } = options.ready();
      return reply(response, ready ? 200 : 503, ready ? 'ok' : reasons.join('\n'));
    }
    case '/metrics':
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
      return reply(response, 200, (await options.metrics()).trimEnd());
    default:
      return reply(response, 404, 'livez, readyz, metrics');
  }
}

function reply(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(`${text}\n`);
}

async function listen(server: Server, address: ListenAddress): Promise<void> {
  // A socket file that a killed process left behind would refuse every later start.
  if (address.kind === 'unix') await rm(address.path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Error(
          `cannot listen on ${formatListenAddress(address)} (SIGNPOST_ADMIN_LISTEN): ${cause.message}`,
          { cause },
        ),
      ),
    );
    if (address.kind === 'unix') server.listen(address.path, resolve);
    else server.listen(address.port, address.host, resolve);
  });
}

function boundAddress(server: Server, asked: ListenAddress): ListenAddress {
  const bound = server.address();
  return asked.kind === 'port' && typeof bound === 'object' && bound !== null
    ? { ...asked, port: bound.port }
    : asked;
}
