import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { RRType, typeName } from './constants.ts';
import { RdataError } from './errors.ts';
import { encodeRdata, formatRdata } from './rdata.ts';
import { RDATA_FORMATS } from './rdata/formats.ts';
import { wellFormedRdata } from './testing/well-formed-rdata.ts';
import { parseNameKeepingCase } from './name-text.ts';

test('well-formed RDATA has a text of its own that reads back to the same octets', () => {
  for (const [type, rdata] of wellFormedRdata) {
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

test('every type with a text form of its own is among the generated ones', () => {
  assert.deepEqual(new Set(wellFormedRdata.map(([type]) => type)), new Set(RDATA_FORMATS.keys()));
});

test('names are read relative to an origin when there is one', () => {
  const origin = parseNameKeepingCase('example.com');
  const cases: Array<[number, string, string]> = [
    [RRType.NS, 'ns1', 'ns1.example.com.'],
    [RRType.NS, '@', 'example.com.'],
    [RRType.MX, '1 mail.other.', '1 mail.other.'],
    [RRType.SRV, '0 1 2 a.b', '0 1 2 a.b.example.com.'],
    [RRType.SOA, 'ns hm 1 2 3 4 5', 'ns.example.com. hm.example.com. 1 2 3 4 5'],
    [RRType.RP, 'a b.', 'a.example.com. b.'],
    [RRType.NAPTR, '1 2 s x "" @', '1 2 "s" "x" "" example.com.'],
    [RRType.NSEC, 'b A TYPE65280', 'b.example.com. A TYPE65280'],
    [RRType.HTTPS, '1 svc port=53', '1 svc.example.com. port=53'],
    [RRType.CNAME, 'a\\\\.', 'a\\\\.'],
    [RRType.CNAME, 'a\\.', 'a\\..example.com.'],
  ];
  for (const [type, text, expected] of cases) {
    assert.equal(formatRdata(type, encodeRdata(type, text, origin)), expected);
  }
});

test('any octets at all have a text; it reads back to them, or is refused as malformed octets of a known type', () => {
  const types = fc.constantFrom(...wellFormedRdata.map(([type]) => type), 65280);
  fc.assert(
    fc.property(types, fc.uint8Array({ maxLength: 40 }), (type, octets) => {
      const text = formatRdata(type, octets);
      try {
        assert.deepEqual([...encodeRdata(type, text)], [...octets]);
      } catch (error) {
        assert.ok(error instanceof RdataError && text.startsWith('\\#') && type !== 65280, text);
      }
    }),
    { numRuns: 500 },
  );
});

test('any text is encoded or refused with an RdataError', () => {
  const types = fc.constantFrom(...wellFormedRdata.map(([type]) => type), 65280);
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
    [
      RRType.DS,
      '1 ECDSAP256SHA256 sha-1 0123456789abcdef0123 456789ABCDEF01234567',
      '1 13 1 0123456789abcdef0123456789abcdef01234567',
    ],
    [RRType.CDS, '0 0 0 00'],
    [RRType.DNSKEY, '257 3 13 AQID BA==', '257 3 13 AQIDBA=='],
    [
      RRType.RRSIG,
      'A 13 2 300 20261122000000 1760000000 7 example. AQID',
      'A 13 2 300 20261122000000 20251009085320 7 example. AQID',
    ],
    [RRType.NSEC, 'b. MX A A TYPE1234', 'b. A MX TYPE1234'],
    [RRType.NSEC3, '1 0 0 - 0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM', '1 0 0 - 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'],
    [RRType.NSEC3PARAM, '1 0 12 AABB', '1 0 12 aabb'],
    [RRType.SVCB, '0 svc.example.'],
    [RRType.HTTPS, '1 . port=8443 alpn=h2,h3', '1 . alpn="h2,h3" port=8443'],
    [RRType.HTTPS, '1 . alpn="f\\\\\\\\oo\\\\,bar,h2"'],
    [
      RRType.HTTPS,
      '1 . mandatory=ipv4hint,alpn alpn="h2" no-default-alpn ipv4hint=192.0.2.1,192.0.2.2 ech="AQID" ipv6hint=2001:db8::1',
      '1 . mandatory=alpn,ipv4hint alpn="h2" no-default-alpn ipv4hint=192.0.2.1,192.0.2.2 ech=AQID ipv6hint=2001:db8::1',
    ],
    [RRType.HTTPS, '1 . key667="hello\\210qoo" key3=53', '1 . port=53 key667="hello\\210qoo"'],
    [
      RRType.LOC,
      '51 30 12.748 N 0 7 39.611 W 0m',
      '51 30 12.748 N 0 7 39.611 W 0.00m 1.00m 10000.00m 10.00m',
    ],
    [
      RRType.LOC,
      '90 S 180 E -100000 0 2.5m 90000000.00m',
      '90 0 0.000 S 180 0 0.000 E -100000.00m 0.00m 2.00m 90000000.00m',
    ],
    [RRType.CERT, 'PGP 0 0 AQID', '3 0 0 AQID'],
    [RRType.EUI48, '00-00-5E-00-53-2a', '00-00-5e-00-53-2a'],
    [RRType.URI, '10 1 "ftp://ftp.example/a b"'],
    [RRType.CSYNC, '66 3 A NS AAAA'],
    [RRType.APL, '1:192.168.32.0/21 !2:FF00::/8', '1:192.168.32.0/21 !2:ff00::/8'],
    [RRType.APL, ''],
    [RRType.IPSECKEY, '10 1 2 192.0.2.38 AQID BA==', '10 1 2 192.0.2.38 AQIDBA=='],
    [RRType.IPSECKEY, '10 0 0 .'],
    [RRType.IPSECKEY, '10 3 2 Gateway.example. AQID'],
    [RRType.AMTRELAY, '10 1 2 2001:db8::15'],
    [RRType.HIP, '2 200100107B1A74DF AQID rvs.example.', '2 200100107b1a74df AQID rvs.example.'],
    [RRType.NID, '10 14:4fff:ff20:ee64', '10 0014:4fff:ff20:ee64'],
    [RRType.L32, '10 10.1.2.0'],
    [RRType.NSAP, '0x47.0005.80', '0x47000580'],
    [RRType.ISDN, '150862028003217 004', '"150862028003217" "004"'],
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
    [RRType.DS, '1 13 2 00', /has 32 octets, this one 1/],
    [RRType.DS, '1 13 2', /expected "key-tag algorithm digest-type digest\.\.\."/],
    [RRType.DS, '1 13 9 abc', /odd number of digits/],
    [RRType.DNSKEY, '257 3 FOO AQID', /algorithm .* from 0 to 255/],
    [RRType.DNSKEY, '257 3 13 AQI', /not Base64/],
    [RRType.RRSIG, 'A 13 2 300 20261322000000 0 7 a. AQID', /YYYYMMDDHHmmSS/],
    [RRType.NSEC, 'b. FOO', /no record type/],
    [RRType.NSEC3, '1 0 0 zz 00 A', /salt/],
    [RRType.NSEC3, '1 0 0 - wxyz A', /Base32/],
    [RRType.HTTPS, '1 . foo=1', /write key and its number/],
    [RRType.HTTPS, '1 . port=1 port=2', /twice/],
    [RRType.HTTPS, '1 . port=99999', /0 to 65535/],
    [RRType.HTTPS, '1 . no-default-alpn', /without alpn/],
    [RRType.HTTPS, '1 . mandatory=port', /mandatory names port/],
    [RRType.HTTPS, '1 . alpn="a,,b"', /such as h2,h3/],
    [RRType.LOC, '91 N 0 W 0', /up to 90 degrees/],
    [RRType.LOC, '51 30', /expected "degrees/],
    [RRType.EUI48, '00-00', /write one like 00-00-00-00-00-00/],
    [RRType.ZONEMD, '1 1 1 00', /at least 12 octets/],
    [RRType.TXT, 'a="b"', /spaces around/],
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
