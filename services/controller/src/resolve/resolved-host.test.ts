import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  afterLookUp,
  type FamilyFinding,
  LATEST_MS,
  type ResolvedHost,
  SOONEST_MS,
  unresolved,
} from './resolved-host.ts';

const found = (ttl: number, ...addresses: string[]): FamilyFinding => ({ kind: 'found', addresses, ttl });
const NONE: FamilyFinding = { kind: 'none', reason: 'NXDOMAIN' };
const FAILED: FamilyFinding = { kind: 'failed', reason: 'SERVFAIL' };

function after(known: ResolvedHost, ...a: FamilyFinding[]): ResolvedHost {
  return a.reduce((host, finding) => afterLookUp(host, { a: finding, aaaa: NONE }, 1_000), known);
}

const KNOWN = after(unresolved(undefined, 0), found(60, '192.0.2.2', '192.0.2.1', '192.0.2.1'));

test('addresses are sorted and each once, and looked up again when their TTL is over', () => {
  assert.deepEqual(KNOWN.name, { a: ['192.0.2.1', '192.0.2.2'], aaaa: [], ttl: 60 });
  assert.equal(KNOWN.dueMs, 61_000);
  assert.equal(after(KNOWN, found(0, '192.0.2.1')).dueMs, 1_000 + SOONEST_MS);
  assert.equal(after(KNOWN, found(86_400, '192.0.2.1')).dueMs, 1_000 + LATEST_MS);
});

test('that a host has no address any more is believed when it is found twice in a row', () => {
  const once = after(KNOWN, NONE);
  assert.deepEqual(once.name?.a, ['192.0.2.1', '192.0.2.2']);
  assert.equal(once.dueMs, 1_000 + SOONEST_MS);
  assert.deepEqual(after(once, NONE).name?.a, []);
  assert.deepEqual(after(once, found(60, '192.0.2.7'), NONE).name?.a, ['192.0.2.7'], 'the count begins anew');
});

test('a failure keeps what is known, also between two look-ups that find nothing', () => {
  const failing = after(KNOWN, FAILED);
  assert.deepEqual([failing.name, failing.failing], [KNOWN.name, 'SERVFAIL']);
  assert.deepEqual(after(KNOWN, FAILED, FAILED, FAILED, FAILED).name, KNOWN.name);
  assert.deepEqual(after(KNOWN, NONE, FAILED, NONE).name?.a, []);
  assert.equal(after(failing, found(60, '192.0.2.1')).failing, undefined);
  const waits = [1, 2, 3, 4, 9].map(
    (times) => after(KNOWN, ...Array.from({ length: times }, () => FAILED)).dueMs,
  );
  assert.deepEqual(waits, [6_000, 11_000, 21_000, 31_000, 31_000]);
});

test('what is published stands until something is found, and is not emptied at once either', () => {
  const published = { a: ['192.0.2.50'], aaaa: ['2001:db8::50'], ttl: 30 };
  const begun = unresolved(published, 0);
  assert.deepEqual(after(begun, FAILED).name?.a, ['192.0.2.50']);
  assert.deepEqual(after(begun, NONE).name?.a, ['192.0.2.50']);
  assert.equal(after(unresolved(undefined, 0), NONE).name?.a.length, 0);
  const unknown = afterLookUp(unresolved(undefined, 0), { a: FAILED, aaaa: FAILED }, 0);
  assert.equal(unknown.name, undefined, 'nothing was learned');
});

test('a cache that counts its TTL down does not make ours change', () => {
  const counted = after(KNOWN, found(40, '192.0.2.1'), found(59, '192.0.2.1'), found(3, '192.0.2.1'));
  assert.equal(counted.name?.ttl, 60);
  const lowered = after(counted, found(5, '192.0.2.1'), found(5, '192.0.2.1'), found(5, '192.0.2.1'));
  assert.equal(lowered.name?.ttl, 5);
});
