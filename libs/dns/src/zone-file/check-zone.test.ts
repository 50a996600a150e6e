import assert from 'node:assert/strict';
import { test } from 'node:test';

import { typeName } from '../constants.ts';
import { formatName } from '../name-text.ts';
import { formatRdata } from '../rdata.ts';
import { checkZone, type CheckedZone } from './check-zone.ts';
import { parseZoneFile } from './parse-zone-file.ts';

const GOOD = '$TTL 60\n@ SOA ns.x. hm 1 2 3 4 5\n@ NS ns.x.\n';

function check(text: string, origin = 'example.com'): CheckedZone {
  const { records, mistakes } = parseZoneFile(text, { origin, file: 'zone' });
  assert.deepEqual(mistakes, []);
  return checkZone(records, origin);
}

function kept({ records }: CheckedZone): string[] {
  return records
    .slice(2)
    .map(
      ({ owner, ttl, type, rdata }) =>
        `${formatName(owner)} ${ttl} ${typeName(type)} ${formatRdata(type, rdata)}`,
    );
}

test('a well-formed zone has no mistakes, the root zone neither', () => {
  for (const origin of ['example.com', '.']) {
    const { mistakes, warnings, records } = check(
      `${GOOD}a A 192.0.2.1\nb CNAME a\nc DNAME a\nns.x. A 192.0.2.1\n`,
      origin,
    );
    const outside = origin === '.' ? 0 : 1; // the address of the name server
    assert.deepEqual([mistakes, warnings.length, records.length], [[], outside, 6 - outside]);
  }
});

test('what makes a zone ill-formed is a mistake with its line', () => {
  const cases: Array<[string, RegExp]> = [
    [
      `${GOOD}a CNAME b\na A 192.0.2.1\n`,
      /^zone:5 a\.example\.com\. has a CNAME in line 4 and A in line 5; /,
    ],
    [
      `${GOOD}A A 192.0.2.1\na CNAME b\n`,
      /^zone:5 a\.example\.com\. has a CNAME in line 5 and A in line 4; /,
    ],
    [`${GOOD}a CNAME b\na CNAME c\n`, /^zone:5 .* second CNAME record, the first is in line 4/],
    [`${GOOD}a DNAME b\na DNAME c\n`, /^zone:5 .* second DNAME/],
    [`${GOOD}a DNAME b\na CNAME c\n`, /^zone:5 .* CNAME in line 5 and DNAME in line 4/],
    [`${GOOD}@ SOA ns.x. hm 2 2 3 4 5\n`, /^zone:4 the zone has a second SOA/],
    [`${GOOD}a SOA ns.x. hm 1 2 3 4 5\n`, /^zone:4 an SOA record stands at the apex example\.com\. alone/],
    ['$TTL 60\n@ NS ns.x.\n', /^zone:0 the zone example\.com\. has no SOA/],
    ['@ 60 SOA ns.x. hm 1 2 3 4 5\n', /^zone:0 the zone example\.com\. has no NS/],
  ];
  for (const [text, pattern] of cases) {
    const { mistakes } = check(text);
    assert.equal(mistakes.length, 1, text);
    assert.match(`${mistakes[0]!.file}:${mistakes[0]!.line} ${mistakes[0]!.message}`, pattern);
  }
  assert.equal(checkZone([], 'example.com').mistakes.length, 2);
});

test('signatures and NSEC may stand beside a CNAME', () => {
  const text = `${GOOD}a CNAME b\na RRSIG CNAME 13 3 60 1 1 1 @ AQID\na NSEC b CNAME RRSIG NSEC\n`;
  assert.deepEqual(check(text).mistakes, []);
});

test('a record that stands twice is kept once, whatever the case of its names', () => {
  const checked = check(`${GOOD}a MX 1 B.x.\nA MX 1 b.x.\na TXT x\na TXT X\n@ NS NS.X.\n`);
  assert.deepEqual(kept(checked), [
    'a.example.com 60 MX 1 B.x.',
    'a.example.com 60 TXT "x"',
    'a.example.com 60 TXT "X"',
  ]);
  assert.deepEqual(checked.mistakes, []);
  assert.deepEqual(
    checked.warnings.map(({ line }) => line),
    [5, 8],
  );
});

test('an RRset with several TTLs gets the lowest, signatures by the type they cover', () => {
  const checked = check(
    `${GOOD}a 9 A 192.0.2.1\na 5 A 192.0.2.2\na 7 A 192.0.2.2\na 8 TXT x\na 5 RRSIG A 13 3 5 1 1 1 @ AQID\na 8 RRSIG TXT 13 3 8 1 1 1 @ AQID\n`,
  );
  assert.deepEqual(
    kept(checked).map((line) => line.split(' ').slice(1, 4).join(' ')),
    ['5 A 192.0.2.1', '5 A 192.0.2.2', '8 TXT "x"', '5 RRSIG A', '8 RRSIG TXT'],
  );
  assert.match(checked.warnings[0]!.message, /several TTLs and all get the lowest, 5/);
});

test('names outside the zone are left out with a warning', () => {
  const checked = check(`${GOOD}www.example.net. A 192.0.2.1\nxexample.com. A 192.0.2.1\n`);
  assert.deepEqual(kept(checked), []);
  assert.deepEqual(
    checked.warnings.map(({ line }) => line),
    [4, 5],
  );
});

test('a name server in the zone without address is a warning, unless a child zone or a wildcard has it', () => {
  const lost = (text: string): number[] => check(`${GOOD}${text}`).warnings.map(({ line }) => line);
  assert.deepEqual(lost('@ NS ns1\n'), [4]);
  assert.deepEqual(lost('@ NS ns1\nns1 AAAA ::1\n'), []);
  assert.deepEqual(lost('sub NS ns.sub\n'), [4]);
  assert.deepEqual(lost('sub NS ns.sub\nns.sub A 192.0.2.1\n'), []);
  assert.deepEqual(lost('sub NS ns.other\nother NS ns.x.\n'), []);
  assert.deepEqual(lost('@ NS ns1\n* A 192.0.2.1\n'), []);
});

test('a name that leads nowhere in the zone is a warning, with what was probably meant', () => {
  const lost = (text: string): string[] => check(`${GOOD}${text}`).warnings.map(({ message }) => message);
  assert.deepEqual(lost('@ MX 10 nowhere\n'), [
    'the MX record leads to nowhere.example.com., which does not exist in the zone; add an A or AAAA record',
  ]);
  assert.deepEqual(lost('api CNAME www.other.net\n'), [
    'the CNAME record leads to www.other.net.example.com., which does not exist in the zone; add it, or write "www.other.net." if that is meant',
  ]);
  assert.deepEqual(lost('_s._tcp SRV 1 2 3 x\nx TXT a\n'), [
    'the SRV record leads to x.example.com., which has no address; add an A or AAAA record',
  ]);
  assert.deepEqual(lost('www.example.com A 192.0.2.1\nwww.example.com AAAA ::1\nexample.com TXT x\n'), [
    'the name is www.example.com.example.com., with the name of the zone twice; did you mean "www"?',
    'the name is example.com.example.com., with the name of the zone twice; did you mean "@"?',
  ]);
});

test('a name that is answered, elsewhere or not meant to be one is no warning', () => {
  for (const text of [
    '@ MX 0 .\n',
    '@ MX 10 mail.example.org.\n',
    '@ MX 10 a\na CNAME b.example.org.\n',
    'a CNAME b\nb TXT x\n',
    'a CNAME b\nx.b TXT x\n',
    'a CNAME x.b\n*.b TXT x\n',
    '@ MX 10 x.b\n*.b A 192.0.2.1\n',
    'a CNAME x.sub\nsub NS ns.example.org.\n',
    'a CNAME sub\nsub NS ns.example.org.\n',
    'a CNAME x.d\nd DNAME example.org.\n',
    'h HTTPS 1 .\nh2 HTTPS 0 h\n',
    'com A 192.0.2.1\n',
  ]) {
    assert.deepEqual(check(`${GOOD}${text}`).warnings, [], text);
  }
  // Not at the closest encloser, so it covers nothing there (RFC 4592 section 2.2.1).
  assert.equal(check(`${GOOD}a CNAME x.b.c\nb.c TXT x\n*.c TXT x\n`).warnings.length, 1);
});
