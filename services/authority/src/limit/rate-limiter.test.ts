import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { parseAddress, parsePrefix, type Prefix } from '@signpost/dns/address';
import * as fc from 'fast-check';

import { Limited, RateLimiter, type RateLimits, ResponseKind } from './rate-limiter.ts';
import { rateTableMemory } from './rate-table.ts';

const NOW_MS = 1_700_000_000_000;
const memory = () => rateTableMemory(2 ** 12);
const limiterOf = (limits: Partial<RateLimits> = {}, draw: () => number = () => 0.99) =>
  new RateLimiter(
    memory(),
    new Uint8Array(8).fill(3),
    { perSecond: 5, windowMs: 15_000, slip: 2, exempt: [], ...limits },
    draw,
  );
const octets = (text: string): Uint8Array => parseAddress(text)!.octets;

/** How many of `count` responses are sent whole. */
function sent(
  limiter: RateLimiter,
  source: string,
  count: number,
  {
    kind = ResponseKind.answer,
    qtype = 1,
    hash = 7,
  }: { kind?: ResponseKind; qtype?: number; hash?: number } = {},
): number {
  let whole = 0;
  for (let i = 0; i < count; i += 1) {
    if (limiter.judge(octets(source), kind, qtype, hash, NOW_MS) === Limited.no) whole += 1;
  }
  return whole;
}

describe('what counts together', () => {
  test('all of a /24, and all of a /56, but no more', () => {
    const limiter = limiterOf();
    assert.equal(sent(limiter, '192.0.2.1', 3), 3);
    assert.equal(sent(limiter, '192.0.2.255', 5), 2);
    assert.equal(sent(limiter, '192.0.3.1', 5), 5);
    assert.equal(sent(limiter, '2001:db8:0:100::1', 3), 3);
    assert.equal(sent(limiter, '2001:db8:0:1ff:ffff::9', 5), 2);
    assert.equal(sent(limiter, '2001:db8:0:200::1', 5), 5);
  });

  test('kinds, types and names count apart', () => {
    const limiter = limiterOf();
    for (const kind of Object.values(ResponseKind)) {
      assert.equal(sent(limiter, '192.0.2.1', 9, { kind }), 5);
      assert.equal(sent(limiter, '192.0.2.1', 9, { kind, qtype: 28 }), 5);
      assert.equal(sent(limiter, '192.0.2.1', 9, { kind, hash: -8 }), 5);
    }
  });

  test('an address of IPv4 and one of IPv6 with the same octets are two', () => {
    const limiter = limiterOf();
    assert.equal(sent(limiter, '32.1.13.9', 9), 5);
    assert.equal(sent(limiter, '2001:0d00::', 9), 5);
  });
});

test('a flood from one network leaves all others as they were', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 1, max: 40 }), (flooder, other, perSecond) => {
      fc.pre(flooder.split('.').slice(0, 3).join() !== other.split('.').slice(0, 3).join());
      const limiter = limiterOf({ perSecond });
      assert.ok(sent(limiter, flooder, 1_000) <= perSecond);
      assert.ok(sent(limiter, other, perSecond) === Math.floor(100_000 / Math.ceil(100_000 / perSecond)));
    }),
    { numRuns: 30 },
  );
});

test('exempt networks are never limited, and do not use up what their neighbours may', () => {
  const exempt = ['192.0.2.0/25', '2001:db8::/45', '198.51.100.7'].map((text) => parsePrefix(text) as Prefix);
  const limiter = limiterOf({ exempt });
  assert.equal(sent(limiter, '192.0.2.127', 50), 50);
  assert.equal(sent(limiter, '192.0.2.128', 50), 5);
  assert.equal(sent(limiter, '2001:db8:7::1', 50), 50);
  assert.equal(sent(limiter, '2001:db8:8::1', 50), 5);
  assert.equal(sent(limiter, '198.51.100.7', 50), 50);
  assert.equal(sent(limiter, '198.51.100.6', 50), 5);
});

test('of the withheld responses one in so many is slipped, or none', () => {
  for (const [slip, wanted] of [
    [0, 0],
    [1, 1],
    [2, 1 / 2],
    [5, 1 / 5],
  ] as const) {
    let turn = 0;
    const limiter = limiterOf({ slip }, () => (turn = (turn + 1) % 100) / 100);
    const fates = Array.from({ length: 1_005 }, () =>
      limiter.judge(octets('192.0.2.1'), ResponseKind.answer, 1, 7, NOW_MS),
    );
    assert.equal(fates.filter((fate) => fate === Limited.slip).length, 1_000 * wanted);
    assert.equal(fates.filter((fate) => fate === Limited.drop).length, 1_000 * (1 - wanted));
  }
});
