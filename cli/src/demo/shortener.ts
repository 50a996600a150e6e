/**
 * A demo target: a URL shortener that really redirects, and whose health a person can switch.
 *   GET  /<code>   302 to its URL          POST /links  {"url": "..."} -> {"code": "..."}
 *   GET  /probe    302 to example.net/ok   POST /fail, POST /recover   switch its health
 * While it fails every GET is answered 503. In memory only; it is an example, not a product.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

const MAX_LINKS = 10_000;
const MAX_BODY = 8_192;

export interface Shortener extends AsyncDisposable {
  readonly port: number;
}

export async function startShortener(options: {
  host: string;
  port: number;
  name: string;
}): Promise<Shortener> {
  const state = {
    failing: false,
    links: new Map([
      ['probe', 'https://example.net/ok'],
      ['abc123', 'https://example.net/hello'],
    ]),
  };
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 5_000 }, (request, response) => {
    response.setHeader('x-served-by', options.name);
    serve(state, request, response).catch(() => response.destroy());
  });
  await listen(server, options);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface State {
  failing: boolean;
  readonly links: Map<string, string>;
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const code = (request.url ?? '/').slice(1);
  if (request.method === 'POST') return servePost(state, code, request, response);
  if (request.method !== 'GET' && request.method !== 'HEAD') return reply(response, 405, 'GET, HEAD or POST');
  if (state.failing) return reply(response, 503, 'failing, until POST /recover');
  const url = state.links.get(code);
  if (url === undefined) return reply(response, 404, 'no such link');
  response.setHeader('location', url);
  reply(response, 302, url);
}

async function servePost(
  state: State,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (path === 'fail' || path === 'recover') {
    state.failing = path === 'fail';
    return reply(response, 200, state.failing ? 'fails from now on' : 'is well again');
  }
  if (path !== 'links') return reply(response, 404, 'POST /links, /fail or /recover');
  const url = urlOf(await readBody(request));
  if (url === undefined) return reply(response, 400, 'send {"url": "https://..."}');
  if (state.links.size >= MAX_LINKS) return reply(response, 507, 'full');
  const code = (state.links.size + 46_656).toString(36);
  state.links.set(code, url);
  response.setHeader('content-type', 'application/json');
  reply(response, 201, JSON.stringify({ code }));
}

function urlOf(body: string): string | undefined {
  try {
    const { url } = JSON.parse(body) as { url?: unknown };
    return typeof url === 'string' && /^https?:$/.test(new URL(url).protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const octets of request) {
    body += String(octets);
    if (body.length > MAX_BODY) throw new Error('body too large');
  }
  return body;
}

function reply(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.end(`${text}\n`);
}

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Error(
          `the demo target cannot listen on ${host}:${port}: ${cause.message}; does another one run?`,
          { cause },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
}
