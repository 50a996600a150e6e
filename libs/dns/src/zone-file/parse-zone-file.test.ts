import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { typeName } from '../constants.ts';
import { NameError } from '../errors.ts';
import { formatNameKeepingCase } from '../name-text.ts';
import { formatRdata } from '../rdata.ts';
import { parseZoneFile, type ZoneFileOptions } from './parse-zone-file.ts';

const OPTIONS: ZoneFileOptions = { origin: 'example.com.', file: 'zone' };

/** Records as `owner ttl type data`. */
function records(text: string, options: Partial<ZoneFileOptions> = {}): string[] {
  const { records: all, mistakes } = parseZoneFile(text, { ...OPTIONS, ...options });
  assert.deepEqual(mistakes, []);
  return all.map(
    ({ owner, ttl, type, rdata }) =>
      `${formatNameKeepingCase(owner)} ${ttl} ${typeName(type)} ${formatRdata(type, rdata)}`,
  );
}

/** Mistakes as `file:line:column message`. */
function mistakes(text: string, options: Partial<ZoneFileOptions> = {}): string[] {
  return parseZoneFile(text, { ...OPTIONS, ...options }).mistakes.map(
    ({ file, line, column, message }) => `${file}:${line}:${column} ${message}`,
  );
}

test('a blank owner is the last one; names are relative to the origin; @ is the origin', () => {
  assert.deepEqual(records('$TTL 60\n@ NS ns\n  NS ns.other.\nA.b MX 1 @\n\tA 192.0.2.1\n'), [
    'example.com 60 NS ns.example.com.',
    'example.com 60 NS ns.other.',
    'A.b.example.com 60 MX 1 example.com.',
    'A.b.example.com 60 A 192.0.2.1',
  ]);
});

test('class and TTL stand in either order, with units, or not at all', () => {
  const text =
    'a IN 1h30m A 192.0.2.1\na 60 IN A 192.0.2.2\na class1 A 192.0.2.3\na A 192.0.2.4\nIN IN NS @\n1h 2 NS @';
  assert.deepEqual(
    records(text).map((line) => line.split(' ').slice(0, 3).join(' ')),
    [
      'a.example.com 5400 A',
      'a.example.com 60 A',
      'a.example.com 60 A',
      'a.example.com 60 A',
      'IN.example.com 60 NS',
      '1h.example.com 2 NS',
    ],
  );
});

test('a missing TTL is that of $TTL, else the last one, else the minimum of the SOA, also before it', () => {
  const ttls = (text: string, options: Partial<ZoneFileOptions> = {}): number[] =>
    records(text, options).map((line) => Number(line.split(' ')[1]));
  const soa = '@ SOA ns hm 1 2 3 4 77\n';
  assert.deepEqual(ttls(`$TTL 9\na 5 A 192.0.2.1\nb A 192.0.2.1\n$TTL 8\nb A 192.0.2.1`), [5, 9, 8]);
  assert.deepEqual(ttls(`a 5 A 192.0.2.1\nb A 192.0.2.1\n${soa}`), [5, 5, 5]);
  assert.deepEqual(ttls(`${soa}a A 192.0.2.1\nb 5 A 192.0.2.1\nc A 192.0.2.1`), [77, 77, 5, 77]);
  assert.deepEqual(ttls(`a A 192.0.2.1\n${soa}`), [77, 77]);
  assert.deepEqual(ttls('a A 192.0.2.1', { defaultTtl: 6 }), [6]);
  assert.deepEqual(mistakes('\na A 192.0.2.1'), [
    'zone:2:1 the record has no TTL; write one, or a $TTL line at the top',
  ]);
});

test('a TTL above 2^31-1 is read as 0, with a warning', () => {
  const { records: all, warnings } = parseZoneFile('a 2147483648 A 192.0.2.1', OPTIONS);
  assert.equal(all[0]!.ttl, 0);
  assert.equal(warnings.length, 1);
});

test('unknown types and classes are written as numbers, and octets for any type', () => {
  assert.deepEqual(
    records('a 1 CLASS1 TYPE65280 \\# 3 ab (\n cd ef )\nb 1 A \\# 4 c0000201\nc 1 TYPE1 192.0.2.1'),
    ['a.example.com 1 TYPE65280 \\# 3 abcdef', 'b.example.com 1 A 192.0.2.1', 'c.example.com 1 A 192.0.2.1'],
  );
});

test('any octet stands in a name once it is escaped', () => {
  assert.deepEqual(records('a\\ b\\;\\010\\. 1 NS c\\\td'), [
    'a\\032b\\;\\010\\..example.com 1 NS c\\009d.example.com.',
  ]);
});

test('$ORIGIN is relative to the origin before it', () => {
  assert.deepEqual(records('$origin sub\na 1 NS b\n$ORIGIN x\n@ 1 NS .\n$ORIGIN .\na.b 1 NS c'), [
    'a.sub.example.com 1 NS b.sub.example.com.',
    'x.sub.example.com 1 NS .',
    'a.b 1 NS c.',
  ]);
});

test('$INCLUDE reads another file under an origin of its own; origin and owner come back, TTLs stay', () => {
  const asked: string[][] = [];
  const files: Record<string, string> = {
    'a.inc': ' 5 A 192.0.2.1\n$ORIGIN deep\nx NS y\n$TTL 9\n',
    'b c': '@ NS z\n',
  };
  const include = (path: string, from: string) => {
    asked.push([path, from]);
    return { text: files[path]!, file: `/zones/${path}` };
  };
  assert.deepEqual(records('o 1 NS p\n$INCLUDE a.inc\n NS q\n$INCLUDE "b c" sub ; x\n', { include }), [
    'o.example.com 1 NS p.example.com.',
    'o.example.com 5 A 192.0.2.1',
    'x.deep.example.com 5 NS y.deep.example.com.',
    'o.example.com 9 NS q.example.com.',
    'sub.example.com 9 NS z.sub.example.com.',
  ]);
  assert.deepEqual(asked, [
    ['a.inc', 'zone'],
    ['b c', 'zone'],
  ]);
});

test('files that cannot be read, include themselves or go too deep are mistakes', () => {
  assert.match(mistakes('$INCLUDE x')[0]!, /^zone:1:10 "x" cannot be read here; write its records/);
  assert.match(mistakes('$INCLUDE x', { include: () => undefined })[0]!, /check that the file is there/);
  const itself = mistakes('$INCLUDE x', { include: () => ({ text: '\n$INCLUDE y', file: 'x' }) });
  assert.deepEqual(itself, ['x:2:10 "x" includes itself; remove this line']);
  let count = 0;
  const endless = mistakes('$INCLUDE x', {
    include: () => ({ text: '$INCLUDE x\n', file: `x${(count += 1)}` }),
  });
  assert.equal(endless.length, 1);
  assert.match(endless[0]!, /more than 16 deep/);
  const wide = mistakes('$INCLUDE x\n'.repeat(1001), {
    include: () => ({ text: '', file: `x${(count += 1)}` }),
  });
  assert.equal(wide.length, 1);
  assert.match(wide[0]!, /^zone:1001:10 more than 1000 files/);
});

test('$GENERATE makes a record for each number', () => {
  assert.deepEqual(
    records('$GENERATE 1-5/2 h${0,2}.$ 60 IN MX "1$ m\\$$"\n$GENERATE 0-0 t$ TXT "\\"a $\\" b"\n'),
    [
      'h01.1.example.com 60 MX 11 m\\$1.example.com.',
      'h03.3.example.com 60 MX 13 m\\$3.example.com.',
      'h05.5.example.com 60 MX 15 m\\$5.example.com.',
      't0.example.com 60 TXT "a 0" "b"',
    ],
  );
});

test('$GENERATE is bounded and names its mistakes once', () => {
  assert.match(mistakes('$GENERATE 0-2000000000 a$ 1 A 192.0.2.1')[0]!, /more than 1048576 records/);
  assert.deepEqual(mistakes('$GENERATE 1-900 a$ 1 A 192.0.2.300'), [
    'zone:1:24 A: "192.0.2.300" is not an IPv4 address; write one like 192.0.2.1',
  ]);
  assert.match(mistakes('$GENERATE 1-2 a${x} 1 A 192.0.2.1')[0]!, /^zone:1:15 this template/);
  assert.match(
    mistakes('$GENERATE 1-2 a${-5,1,n} 1 A 192.0.2.1')[0]!,
    /^zone:1:15 the number leaves its range at 1/,
  );
  assert.match(mistakes('$GENERATE 1-2 a$')[0]!, /^zone:1:1 write \$GENERATE/);
});

test('all mistakes are found in one run, each at its field, and the good records are kept', () => {
  const text = [
    '$TTL 60',
    'a A 192.0.2.300',
    'b..c A 192.0.2.1',
    '  MX 70000 x',
    'd NOSUCH x',
    'e CH A 192.0.2.1',
    'f 60',
    'g TXT "open',
    '$NOSUCH x',
    '$TTL x',
    '$ORIGIN a b',
    'h MX ( 1',
    '   a..b )',
    'i AXFR x',
    'j A',
    '"k" A 192.0.2.1',
    'l 99999999999 A 192.0.2.1',
    'm TXT "\uFFFD"',
    'n HTTPS 1 . port=1 foo=2',
    'good A 192.0.2.1',
  ].join('\n');
  const found = mistakes(text);
  const expected = [
    /^zone:2:5 A: "192\.0\.2\.300" is not an IPv4 address; write one like/,
    /^zone:3:1 .*empty label; remove the extra dot/,
    /^zone:4:6 MX: preference .* from 0 to 65535/,
    /^zone:5:3 "NOSUCH" is no record type/,
    /^zone:6:3 class CH is not served here/,
    /^zone:7:3 the record has no type/,
    /^zone:8:7 this quoted string does not end/,
    /^zone:9:1 \$NOSUCH is no directive/,
    /^zone:10:6 TTL: the TTL is "x"/,
    /^zone:11:11 write \$ORIGIN NAME and nothing else/,
    /^zone:13:4 MX: exchange: .*empty label/,
    /^zone:14:3 AXFR is for questions/,
    /^zone:15:3 A: expected "address", got 0/,
    /^zone:16:1 an owner name stands without quotes/,
    /^zone:17:3 .*TTL/,
    /^zone:18:7 this text is not UTF-8/,
    /^zone:19:20 HTTPS: "foo" is no key/,
  ];
  assert.equal(found.length, expected.length, found.join('\n'));
  for (const [i, pattern] of expected.entries()) assert.match(found[i]!, pattern);
  const kept = parseZoneFile(text, OPTIONS).records;
  assert.deepEqual(
    kept.map(({ line }) => line),
    [20],
  );
});

test('a first record without owner is a mistake', () => {
  assert.match(mistakes(' 60 A 192.0.2.1')[0]!, /^zone:1:2 no owner stands here or before/);
});

test('an origin that is no name is refused', () => {
  assert.throws(() => parseZoneFile('', { origin: 'a..b', file: 'zone' }), NameError);
});

test('no text makes the reader throw, and every mistake has its place', () => {
  const words = fc.constantFrom(
    ...'a @ 60 IN A 192.0.2.1 MX $TTL $ORIGIN $GENERATE 1-3 $INCLUDE ( ) "x" " ; \\ \\# TYPE7 \\300 HTTPS 1 . port= ${0,1,x} LOC N'.split(
      ' ',
    ),
    '\n',
    '\n ',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 30 }), fc.constantFrom('', ' '), (all, glue) => {
      const text = all.join(glue);
      const include = () => ({ text: 'x 1 A 192.0.2.1', file: 'part' });
      const read = parseZoneFile(text, { ...OPTIONS, include });
      for (const { line, column, message } of read.mistakes) {
        assert.ok(line >= 1 && column >= 1 && message.length > 10);
      }
    }),
    { numRuns: 2000 },
  );
});
