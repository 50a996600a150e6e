/** How addresses of servers are read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseServers } from './connection.ts';

test('one address or several, with or without scheme and port', () => {
  assert.deepEqual(parseServers('nats://one:4333, two'), {
    addresses: ['one:4333', 'two:4222'],
    tls: false,
    credentials: {},
  });
  assert.deepEqual(parseServers(['nats://[::1]:4222']).addresses, ['[::1]:4222']);
});

test('user and password are taken out, and tls asks for TLS', () => {
  assert.deepEqual(parseServers('tls://u:p%40w@one'), {
    addresses: ['one:4222'],
    tls: true,
    credentials: { user: 'u', pass: 'p@w' },
  });
});

test('no address is a mistake', () => {
  assert.throws(() => parseServers(' , '), TypeError);
});
