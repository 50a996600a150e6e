import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as fc from 'fast-check';

import { parseAddress } from './address.ts';
import { ServerCookies } from './server-cookie.ts';

const SECRET = 'e5e973e5a6b2a43f48e7dc849e37bfcf';
const FIRST = '2464c4abcf10c957010000005cf79f111f8130c3eee29480';

const octetsOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const cookiesOf = (...secrets: readonly string[]) => new ServerCookies(secrets.map(octetsOf));

/** The cookie stands somewhere in a packet, as it does in life. */
function answer(cookies: ServerCookies, cookie: string, source: string, nowSeconds: number) {
  const packet = octetsOf(`ffffff${cookie}ffff`);
  const isValid = cookies.answer(packet, 3, cookie.length / 2, parseAddress(source)!.octets, nowSeconds);
  return { isValid, cookie: Buffer.from(cookies.response).toString('hex') };
}

describe('RFC 9018: the test vectors of appendix A', () => {
  test('A.1: learning a new server cookie', () => {
    const learned = answer(cookiesOf(SECRET), '2464c4abcf10c957', '198.51.100.100', 1_559_731_985);
    assert.deepEqual(learned, { isValid: false, cookie: FIRST });
  });

  test('A.2: the same client learning a renewed server cookie', () => {
    const renewed = answer(cookiesOf(SECRET), FIRST, '198.51.100.100', 1_559_734_385);
    assert.deepEqual(renewed, {
      isValid: true,
      cookie: '2464c4abcf10c957010000005cf7a871d4a564a1442aca77',
    });
  });

  test('A.3: another client learning a renewed server cookie, with reserved bits set', () => {
    const shown = 'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5';
    const renewed = answer(cookiesOf(SECRET), shown, '203.0.113.203', 1_559_734_700);
    assert.equal(renewed.cookie, 'fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e');
    // By then it is older than the hour of section 4.3, but its hash is right, reserved bits and all.
    assert.equal(renewed.isValid, false);
    assert.equal(answer(cookiesOf(SECRET), shown, '203.0.113.203', 1_559_728_000).isValid, true);
  });

  test('A.4: IPv6 query with a rolled over secret', () => {
    const shown = '22681ab97d52c298010000005cf7c57926556bd0934c72f8';
    const rolled = cookiesOf('445536bcd2513298075a5d379663c962', 'dd3bdf9344b678b185a6f5cb60fca715');
    const renewed = answer(rolled, shown, '2001:db8:220:1:59de:d0f4:8769:82b8', 1_559_741_961);
    assert.deepEqual(renewed, {
      isValid: true,
      cookie: '22681ab97d52c298010000005cf7c609a6bb79d16625507a',
    });
  });
});

describe('RFC 9018: what is accepted', () => {
  const made = 0x5cf79f11;
  const at = (age: number) => answer(cookiesOf(SECRET), FIRST, '198.51.100.100', made + age);

  test('a cookie up to an hour old and five minutes ahead, replaced after half an hour', () => {
    assert.deepEqual(
      [-301, -300, 0, 1_800, 1_801, 3_600, 3_601].map((age) => [
        age,
        at(age).isValid,
        at(age).cookie === FIRST,
      ]),
      [
        [-301, false, false],
        [-300, true, true],
        [0, true, true],
        [1_800, true, true],
        [1_801, true, false],
        [3_600, true, false],
        [3_601, false, false],
      ],
    );
  });

  test('time is compared by serial numbers: a cookie made before the clock ran over is accepted after', () => {
    const before = answer(cookiesOf(SECRET), '2464c4abcf10c957', '192.0.2.1', 2 ** 32 - 5);
    assert.equal(answer(cookiesOf(SECRET), before.cookie, '192.0.2.1', 2 ** 32 + 5).isValid, true);
  });

  test('another address, secret or octet is not; every one of them gets a cookie that is', () => {
    const cookies = cookiesOf(SECRET, '445536bcd2513298075a5d379663c962');
    fc.assert(
      fc.property(fc.nat(23), fc.integer({ min: 1, max: 255 }), fc.ipV4(), (index, change, source) => {
        const damaged = octetsOf(FIRST);
        damaged[index]! ^= change;
        const cookie = Buffer.from(damaged).toString('hex');
        assert.equal(answer(cookies, cookie, '198.51.100.100', made).isValid, false);
        fc.pre(source !== '198.51.100.100');
        const moved = answer(cookies, FIRST, source, made);
        assert.equal(moved.isValid, false);
        assert.equal(answer(cookies, moved.cookie, source, made).isValid, true);
      }),
    );
    assert.equal(answer(cookiesOf('00'.repeat(16)), FIRST, '198.51.100.100', made).isValid, false);
  });

  test("another maker's server cookie, of another length or version, gets one of ours", () => {
    for (const length of [8, 16, 23, 25, 40]) {
      const cookie = `2464c4abcf10c957${'01'.repeat(length - 8)}`;
      const answered = answer(cookiesOf(SECRET), cookie, '198.51.100.100', made);
      assert.deepEqual(answered, { isValid: false, cookie: FIRST });
    }
  });
});

describe('RFC 9018 5: rolling a secret over a fleet', () => {
  const [old, next] = ['11'.repeat(16), '22'.repeat(16)];
  const stages = [
    ['nodes know the new secret', cookiesOf(old), cookiesOf(old, next)],
    ['nodes make cookies with the new secret', cookiesOf(old, next), cookiesOf(next, old)],
    ['nodes forget the old secret', cookiesOf(next, old), cookiesOf(next)],
  ] as const;

  for (const [what, before, after] of stages) {
    test(`while ${what}, each node accepts what the others make`, () => {
      for (const [maker, verifier] of [
        [before, after],
        [after, before],
      ] as const) {
        const made = answer(maker, '0123456789abcdef', '2001:db8::1', 1_000);
        assert.equal(answer(verifier, made.cookie, '2001:db8::1', 1_060).isValid, true);
      }
    });
  }

  test('a cookie of the old secret is replaced at once', () => {
    const made = answer(cookiesOf(old), '0123456789abcdef', '192.0.2.1', 1_000);
    const renewed = answer(cookiesOf(next, old), made.cookie, '192.0.2.1', 1_001);
    assert.equal(renewed.isValid, true);
    assert.equal(answer(cookiesOf(next), renewed.cookie, '192.0.2.1', 1_001).isValid, true);
  });
});

test('cookies without a secret, or with one of another length, are refused at the start', () => {
  assert.throws(() => new ServerCookies([]), RangeError);
  assert.throws(() => new ServerCookies([new Uint8Array(8)]), RangeError);
});
