/** The turns that a connection takes, seen from within the event loop. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';

import { Counters, countersMemory, readCounters } from '../count/counters.ts';
import { Transport } from '../serve/transport.ts';
import { contextFor, snapshotOf, zoneOf } from '../testing/sample-zone.ts';
import { framed } from '../testing/stream-listener.ts';
import { Connections } from './connections.ts';
import { Responder } from './responder.ts';
import { TcpConnection } from './tcp-connection.ts';
import { TCP_LIMITS } from './tcp-limits.ts';

test('of many queries that came at once a batch is answered in each turn, and all in the end', async () => {
  const memory = countersMemory();
  const counters = new Counters(memory);
  const clock = () => 0;
  const limits = { ...TCP_LIMITS, batch: 10 };
  let octets = 0;
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      octets += chunk.length;
      done();
    },
  });
  const context = contextFor(snapshotOf(zoneOf('example.net', 'www A 192.0.2.1')));
  const connection = new TcpConnection(stream as unknown as Socket, {
    endpoint: { kind: 'port', host: '127.0.0.1', family: 4, port: 0 },
    responder: new Responder(context, counters, clock, clock),
    counters,
    connections: new Connections({ limits, counters, monotonic: clock }),
    limits,
    monotonic: clock,
    proxyFrom: [],
    transport: Transport.tcp,
    source: Uint8Array.of(127, 0, 0, 1),
    output: new Uint8Array(65_535),
  });
  const answered = () => readCounters([memory]).responses(0);
  stream.push(Buffer.concat(Array.from({ length: 1_000 }, () => framed)));
  stream.push(framed);
  let before = 0;
  for (let turn = 0; answered() < 1_001; turn += 1) {
    assert.ok(turn < 200, `${answered()} answered after ${turn} turns`);
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(answered() - before <= 10, `${answered() - before} in one turn`);
    before = answered();
  }
  assert.equal(octets, 1_001 * (framed.length + 16));
  assert.equal(connection.isIdle(), true);
});
