/**
 * TCP connections that stall, to our process and to NSD, Knot and BIND: whoever comes new is served all the same, also
 * from the address they come from, and a thousand of them that take no answer do not fill ours.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import { ask, encodeQuery } from '@signpost/testkit/dns-client';
import { isFullRun } from '@signpost/testkit/test-scale';

import { type NameServer, SERVERS } from '../differential/name-servers.ts';
import { hostileServers } from './hostile-servers.ts';
import { residentMegabytes } from './process-memory.ts';
import { type Manner, MANNERS, openSlowSenders } from './slow-senders.ts';
import { framed, openTcpClient } from './tcp-client.ts';

const SENDERS = 200;
/** A peer that takes longer is said not to serve. Ours has more, since a busy test machine is no fault of it. */
const WAIT_MS = 5_000;
const OUR_WAIT_MS = 60_000;
const CLIENTS = ['127.0.0.2', '127.0.0.3'] as const;
const SLOW = CLIENTS[1];

/** Figures worth comparing are added to `figures`. */
export async function checkSlowSenders(t: TestContext, figures: string[]): Promise<void> {
  for await (const server of hostileServers(t)) {
    const { name } = server;
    const seen: string[] = [];
    for (const manner of Object.keys(MANNERS) as Manner[]) {
      const waits = await mistreat(server, manner);
      seen.push(
        `${manner}: ${waits.map((ms) => (ms === undefined ? 'no' : `${Math.round(ms)} ms`)).join(' and ')}`,
      );
      if (name !== 'signpost') continue;
      assert.ok(
        waits.every((ms) => ms !== undefined),
        `while they ${manner}`,
      );
      assert.equal(
        (await ask({ server: '127.0.0.1', port: server.port, name: 'www.example.net', type: 'A' })).rcode,
        'NOERROR',
      );
    }
    figures.push(
      `${SENDERS} slow senders: ${name} serves another address and the senders' own; ${seen.join('; ')}`,
    );
  }
}

/** How long a new client waited, from another address and from that of the senders; undefined: it was not served. */
async function mistreat({ name, port }: NameServer, manner: Manner): Promise<(number | undefined)[]> {
  using _senders = await openSlowSenders(manner, SENDERS, port, SLOW);
  return Promise.all(CLIENTS.map((from) => waitOf(name, port, from)));
}

async function waitOf(name: string, port: number, from: string): Promise<number | undefined> {
  const startMs = performance.now();
  const query = encodeQuery({ id: 7, name: 'www.example.net', type: 'A' });
  using client = await openTcpClient(port, from);
  client.socket.write(framed(query));
  const response = await client.response(7, name === 'signpost' ? OUR_WAIT_MS : WAIT_MS);
  return response?.[7] === 1 ? performance.now() - startMs : undefined;
}

/** More than this the kernel holds, or nobody. Each connection may hold a segment read and as much as one long answer to send. */
const MOST_MEGABYTES = 256;

/** Figures worth comparing are added to `figures`; the peers' are had in a full run alone, since some take long. */
export async function checkUnreadAnswers(t: TestContext, figures: string[]): Promise<void> {
  for await (const server of hostileServers(t, isFullRun() ? SERVERS : ['signpost'])) {
    const { name } = server;
    const before = residentMegabytes(server.pid);
    using held = new DisposableStack();
    for (const host of [10, 11, 12, 13, 14]) {
      held.use(await openSlowSenders('ask on and read no answer', 200, server.port, `127.0.0.${host}`));
    }
    const waitMs = await waitOf(name, server.port, CLIENTS[0]);
    const grown = residentMegabytes(server.pid) - before;
    figures.push(
      `1,000 connections that take no answer: ${name} holds ${before.toFixed(0)} MiB and ${grown.toFixed(0)} more; a new client ${waitMs === undefined ? 'is not served' : `waits ${Math.round(waitMs)} ms`}`,
    );
    if (name !== 'signpost') continue;
    assert.ok(waitMs !== undefined, 'a new client is served');
    assert.ok(grown < MOST_MEGABYTES, `${grown} MiB more`);
  }
}
