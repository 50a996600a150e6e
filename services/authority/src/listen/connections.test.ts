import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';

import { parseIpv6 } from '@signpost/dns/address';

import { Counters, countersMemory, readCounters } from '../count/counters.ts';
import { Connections } from './connections.ts';
import { TCP_LIMITS } from './tcp-limits.ts';

test('an IPv6 client has one limit for all addresses of its /56', () => {
  const memory = countersMemory();
  const connections = new Connections({
    limits: { ...TCP_LIMITS, mostPerSource: 2 },
    counters: new Counters(memory),
    monotonic: () => 0,
  });
  const closed: string[] = [];
  const add = (address: string): void => {
    const socket = new EventEmitter();
    const close = (): void => {
      closed.push(address);
      socket.emit('close');
    };
    connections.add(socket as Socket, parseIpv6(address), { deadlineMs: 1, isIdle: () => true, close });
  };
  for (const address of ['2001:db8:0:1::1', '2001:db8:0:2::1', '2001:db8:0:100::1']) add(address);
  assert.deepEqual(closed, []);
  add('2001:db8:0:ff::9');
  assert.deepEqual(closed, ['2001:db8:0:1::1']);
  const counts = readCounters([memory]);
  assert.deepEqual([counts.tcpConnections, counts.dropped('tcp_evicted')], [3, 1]);
});

test('one that took too long is counted once, though the sweeps of several listeners meet it before it is gone', () => {
  const memory = countersMemory();
  const counters = new Counters(memory);
  let nowMs = 0;
  const connections = new Connections({ limits: TCP_LIMITS, counters, monotonic: () => nowMs });
  const socket = new EventEmitter() as Socket;
  let closes = 0;
  const close = (): void => void (closes += 1);
  connections.add(socket, Uint8Array.of(192, 0, 2, 1), { deadlineMs: 1, isIdle: () => false, close });
  nowMs = 1;
  connections.sweep();
  connections.sweep();
  assert.equal(readCounters([memory]).tcpConnections, 1, 'until its socket is closed');
  socket.emit('close');
  const counts = readCounters([memory]);
  assert.deepEqual([closes, counts.dropped('tcp_timeout'), counts.tcpConnections], [1, 1, 0]);
});
