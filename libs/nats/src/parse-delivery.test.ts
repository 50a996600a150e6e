/** Reply subjects of old and new servers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseDelivery } from './parse-delivery.ts';

const expected = { streamSequence: 12, deliverySequence: 3, storedAtMs: 1_700_000_000_123, pending: 7 };

test('reads the short form of server 2.9 and the long one with a domain', () => {
  assert.deepEqual(parseDelivery('$JS.ACK.S.c.1.12.3.1700000000123456789.7'), expected);
  assert.deepEqual(parseDelivery('$JS.ACK._.hash.S.c.1.12.3.1700000000123456789.7'), expected);
  assert.deepEqual(parseDelivery('$JS.ACK.hub.hash.S.c.1.12.3.1700000000123456789.7.token'), expected);
});

test('knows what is no delivery', () => {
  assert.equal(parseDelivery(''), undefined);
  assert.equal(parseDelivery('_INBOX.abc'), undefined);
  assert.equal(parseDelivery('$JS.ACK.S.c'), undefined);
});
