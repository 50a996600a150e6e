import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { RRType, typeName } from './constants.ts';
import { RdataError } from './errors.ts';
import { encodeRdata, formatRdata } from './rdata.ts';

const name = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 6 })
  .map((labels) => [...labels.flatMap((label) => [label.length, ...label]), 0]);
const octet = fc.integer({ min: 0, max: 255 });
const string = fc.array(octet, { maxLength: 255 });
const someOctets = (length: number) => fc.array(octet, { minLength: length, maxLength: length });
const tag = fc.stringMatching(/^[a-zA-Z0-9]{1,15}$/).map((text) => Array.from(text, (c) => c.charCodeAt(0)));

/** Well-formed RDATA of each type that has a form of its own. */
const wellFormed: ReadonlyArray<readonly [number, fc.Arbitrary<number[]>]> = [
  [RRType.A, someOctets(4)],
  [RRType.AAAA, someOctets(16)],
  [RRType.NS, name],
  [RRType.CNAME, name],
  [RRType.PTR, name],
  [RRType.DNAME, name],
  [RRType.SOA, fc.tuple(name, name, someOctets(20)).map((parts) => parts.flat())],
  [RRType.MX, fc.tuple(someOctets(2), name).map((parts) => parts.flat())],
  [RRType.SRV, fc.tuple(someOctets(6), name).map((parts) => parts.flat())],
  [
    RRType.TXT,
    fc.array(string, { minLength: 1, maxLength: 3 }).map((all) => all.flatMap((s) => [s.length, ...s])),
  ],
  [RRType.CAA, fc.tuple(octet, tag, string).map(([flags, t, value]) => [flags, t.length, ...t, ...value])],
];

test('well-formed RDATA has a text of its own that reads back to the same octets', () => {
  for (const [type, rdata] of wellFormed) {
    fc.assert(
      fc.property(rdata, (octets) => {
        const text = formatRdata(type, Uint8Array.from(octets));
        assert.ok(!text.startsWith('\\#'), `${typeName(type)} ${text}`);
        assert.deepEqual([...encodeRdata(type, text)], octets);
      }),
      { numRuns: 60 },
    );
  }
});

test('any octets at all have a text; it reads back to them, or is refused as malformed octets of a known type', () => {
  const types = fc.constantFrom(...wellFormed.map(([type]) => type), 65280, RRType.HTTPS);
  fc.assert(
    fc.property(types, fc.uint8Array({ maxLength: 40 }), (type, octets) => {
      const text = formatRdata(type, octets);
      try {
        assert.deepEqual([...encodeRdata(type, text)], [...octets]);
      } catch (error) {
        assert.ok(
          error instanceof RdataError && text.startsWith('\\#') && type !== 65280 && type !== RRType.HTTPS,
          text,
        );
      }
    }),
    { numRuns: 500 },
  );
});

test('any text is encoded or refused with an RdataError', () => {
  const types = fc.constantFrom(...wellFormed.map(([type]) => type), 65280);
  const words = fc.constantFrom(
    '0',
    '10',
    '1h',
    'a.b.',
    '.',
    '"',
    '\\',
    '\\#',
    '2',
    'c0ff',
    '::1',
    '1.2.3.4',
    '"x y"',
    '\\300',
  );
  fc.assert(
    fc.property(
      types,
      fc.oneof(
        fc.string(),
        fc.array(words, { maxLength: 8 }).map((all) => all.join(' ')),
      ),
      (type, text) => {
        try {
          assert.ok(encodeRdata(type, text) instanceof Uint8Array);
        } catch (error) {
          assert.ok(error instanceof RdataError, String(error));
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('each type is written in its usual form', () => {
  const cases: Array<[number, string, string?]> = [
    [RRType.A, '192.0.2.1'],
    [RRType.AAAA, '2001:DB8:0::1', '2001:db8::1'],
    [RRType.CNAME, 'Www.Example.COM.'],
    [RRType.NS, '.'],
    [
      RRType.SOA,
      'ns. host\\.master.example. 7 1h 15m 1w2d 5',
      'ns. host\\.master.example. 7 3600 900 777600 5',
    ],
    [RRType.MX, '10   mail.example.', '10 mail.example.'],
    [RRType.MX, '0 .'],
    [RRType.TXT, 'bare "with space" "" "q\\"uote\\\\" \\065', '"bare" "with space" "" "q\\"uote\\\\" "A"'],
    [RRType.TXT, '"ü;"', '"\\195\\188;"'],
    [RRType.SRV, '0 5 443 a.example.'],
    [RRType.CAA, '0 issue "ca.example; policy=ev"'],
    [RRType.CAA, '128 iodef mailto:a@example.com', '128 iodef "mailto:a@example.com"'],
    [65280, '\\# 3 AB CDef', '\\# 3 abcdef'],
    [65280, '\\# 0'],
    [RRType.A, '\\# 4 c0000201', '192.0.2.1'],
  ];
  for (const [type, text, expected = text] of cases) {
    assert.equal(formatRdata(type, encodeRdata(type, text)), expected);
  }
});

test('mistakes are refused with a remedy', () => {
  const cases: Array<[number, string, RegExp]> = [
    [RRType.A, '192.0.2.01', /write one like 192\.0\.2\.1/],
    [RRType.A, '', /expected "address", got 0/],
    [RRType.A, '1.2.3.4 5.6.7.8', /got 2/],
    [RRType.AAAA, '192.0.2.1', /2001:db8::1/],
    [RRType.CNAME, 'www.example.com', /write "www\.example\.com\." with a final dot/],
    [RRType.CNAME, 'www\\.', /final dot/],
    [RRType.CNAME, 'a..b.', /remove the extra dot/],
    [RRType.MX, '65536 a.', /preference .* from 0 to 65535/],
    [RRType.MX, 'a. 10', /preference/],
    [RRType.SRV, '0 0 99999 a.', /port/],
    [RRType.SOA, 'a. b. 1 2 3 4', /got 6/],
    [RRType.SOA, 'a. b. 1h 2 3 4 5', /serial/],
    [RRType.SOA, 'a. b. 1 9999w 3 4 5', /at most 4294967295 seconds/],
    [RRType.TXT, '', /write ""/],
    [RRType.TXT, '"open', /close every quote/],
    [RRType.TXT, '"a"b', /spaces around/],
    [RRType.TXT, `"${'x'.repeat(256)}"`, /256 octets; cut it/],
    [RRType.TXT, '"\\256"', /000 to 255/],
    [RRType.TXT, Array.from({ length: 257 }, () => `"${'x'.repeat(255)}"`).join(' '), /below 65536/],
    [RRType.CAA, '0 is-sue "x"', /letters and digits/],
    [RRType.A, '\\# 3 c00002', /own form/],
    [65280, 'hello', /\\# LENGTH HEX/],
    [65280, '\\# 2 c0', /announces 2 octets but 1/],
    [65280, '\\# 1 c', /hexadecimal/],
    [65280, '\\# 70000', /number of octets/],
  ];
  for (const [type, text, message] of cases) {
    assert.throws(
      () => encodeRdata(type, text),
      (error) => {
        assert.ok(error instanceof RdataError, String(error));
        assert.equal(error.code, 'SIGNPOST_DNS_RDATA');
        assert.match(error.message, message);
        return true;
      },
      `${typeName(type)} ${text}`,
    );
  }
});
