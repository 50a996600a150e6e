/**
 * The snippet of docs/latency.md, docs/examples/latency-beacon.js, against the real endpoint: run by a browser where one
 * is installed, and by Node's own fetch everywhere.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { parseListenAddress } from '@signpost/config/listen-address';
import { systemClock } from '@signpost/lifecycle/clock';
import { eventually } from '@signpost/testkit/eventually';
import { startGuardedProcess } from '@signpost/testkit/guarded-process';

import { startBeacon } from './start-beacon.ts';

const SNIPPET = join(import.meta.dirname, '../../../../docs/examples/latency-beacon.js');
const FAR_MS = 80;
const BROWSERS = [
  '/usr/lib/chromium/chromium-headless-shell',
  '/usr/lib/chromium/chromium',
  '/usr/bin/google-chrome',
];
const browser = BROWSERS.find((path) => existsSync(path));

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Two targets, of which one is far and lets browsers see its timing, and the endpoint. */
async function startWorld(origin: () => readonly string[]) {
  const open = new AsyncDisposableStack();
  const near = open.use(await serve((_request, response) => response.end('ok')));
  const far = open.use(
    await serve((_request, response) => {
      response.setHeader('timing-allow-origin', '*');
      setTimeout(() => response.end('ok'), FAR_MS);
    }),
  );
  const measured = new Map<string, number>();
  const beacon = open.use(
    await startBeacon({
      listen: parseListenAddress('127.0.0.1:0')!,
      origins: origin(),
      trustedProxies: [],
      clock: systemClock,
      isKnown: () => true,
      onMeasured: (target, { ms }) => measured.set(target, ms) !== undefined,
      onOutcome: () => {},
    }),
  );
  const port = beacon.address.kind === 'port' ? beacon.address.port : 0;
  const options = {
    beacon: `http://127.0.0.1:${port}/beacon`,
    targets: {
      'eu-a': `${near.origin}/ping`,
      'us-a': `${far.origin}/ping?a=b`,
      'ap-a': 'http://127.0.0.1:9/ping',
    },
  };
  return { measured, options, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

function assertMeasured(measured: ReadonlyMap<string, number>): void {
  assert.deepEqual([...measured.keys()].toSorted(), ['eu-a', 'us-a'], 'not the one that cannot be reached');
  assert.ok(measured.get('us-a')! >= FAR_MS - 1, String(measured.get('us-a')));
  assert.ok(measured.get('eu-a')! > 0 && measured.get('eu-a')! < 5_000, String(measured.get('eu-a')));
}

test(
  'a page in a browser measures and sends',
  {
    skip: browser === undefined ? 'no browser is installed (apt-get install chromium-headless-shell)' : false,
  },
  async () => {
    let page = '';
    await using site = await serve((request, response) => {
      const isScript = request.url === '/latency-beacon.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? readFileSync(SNIPPET) : page);
    });
    await using world = await startWorld(() => [site.origin]);
    page = `<script type="module">
      import { measureLatency } from '/latency-beacon.js';
      measureLatency(${JSON.stringify(world.options)});
    </script>`;
    const profile = await mkdtemp(join(tmpdir(), 'signpost-browser-'));
    await using open = new AsyncDisposableStack();
    open.defer(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
    ];
    // Its children would hold our ends of its output open after it has gone.
    const quietly = ['-c', 'exec "$0" "$@" > /dev/null 2>&1', browser!, ...flags, site.origin];
    const running = await startGuardedProcess('/bin/sh', quietly, { env: process.env });
    open.defer(async () => void (await running.stop()));
    await eventually(() => world.measured.size === 2, Boolean, { deadlineMs: 30_000 });
    assertMeasured(world.measured);
  },
);

test('the same code measures and sends by fetch where there is no sendBeacon', async () => {
  await using world = await startWorld(() => ['https://www.example.com']);
  const { measureLatency } = (await import(SNIPPET)) as {
    readonly measureLatency: (options: object) => Promise<Record<string, number>>;
  };
  // Node sends no Origin of its own, which a browser always does.
  const plainFetch = globalThis.fetch;
  globalThis.fetch = (url, init) =>
    plainFetch(
      url,
      init?.method === 'POST' ? { ...init, headers: { origin: 'https://www.example.com' } } : init,
    );
  try {
    const told = await measureLatency({ ...world.options, tries: 2 });
    await eventually(() => world.measured.size === 2);
    assert.deepEqual(Object.fromEntries(world.measured), told);
    assertMeasured(world.measured);
    assert.deepEqual(await measureLatency({ ...world.options, share: 0 }), {}, 'of no page view');
  } finally {
    globalThis.fetch = plainFetch;
  }
});
