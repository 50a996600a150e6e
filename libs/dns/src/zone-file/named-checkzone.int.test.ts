/**
 * Zone files against BIND's `named-checkzone` as oracle: what it dumps of generated texts, in wire form and
 * in text, is what is read here, and the ill-formed zones that it refuses are refused.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { findDebianTool } from '@signpost/testkit/find-debian-tool';

import { typeName } from '../constants.ts';
import { canonicalRdata } from '../rdata/canonical-rdata.ts';
import { generateZone } from '../testing/generated-zone.ts';
import { toWireName } from '../wire-name.ts';
import { checkZone } from './check-zone.ts';
import { formatZoneFile } from './format-zone-file.ts';
import { parseZoneFile, type ZoneFileContent } from './parse-zone-file.ts';

const ZONES = 300;
const ORIGIN = 'example.com';
const oracle = await findDebianTool('named-checkzone', 'bind9-utils');
const skip = oracle === undefined ? 'named-checkzone is not here; install bind9-utils' : false;

const directory = mkdtempSync(join(tmpdir(), 'zone-file-'));
after(() => rmSync(directory, { recursive: true }));

test(`${ZONES} generated zone files mean here what they mean to named-checkzone`, { skip }, () => {
  for (let seed = 1; seed <= ZONES; seed += 1) {
    const { text, included } = generateZone(seed);
    for (const [name, part] of included) writeFileSync(join(directory, name), part);
    const ours = read(text, included);
    assert.deepEqual(ours.mistakes, [], `seed ${seed}\n${text}`);
    const checked = checkZone(ours.records, ORIGIN);
    assert.deepEqual(checked.mistakes, [], `seed ${seed}\n${text}`);
    const theirs = dump(text, 'raw');
    assert.ok(theirs.octets !== undefined, `seed ${seed}: ${theirs.said}\n${text}`);
    assert.deepEqual(lines(checked.records), lines(readRaw(theirs.octets)), `seed ${seed}\n${text}`);
    const again = dump(formatZoneFile(checked.records, ORIGIN), 'text');
    assert.ok(again.octets !== undefined, `seed ${seed}, written: ${again.said}`);
    assert.deepEqual(
      lines(read(again.octets.toString('latin1')).records),
      lines(checked.records),
      `seed ${seed}`,
    );
  }
});

test('the ill-formed zones that named-checkzone refuses are refused', { skip }, () => {
  const good = '@ 60 SOA ns hm 1 2 3 4 5\n@ 60 NS ns.other.\n';
  const illFormed = [
    `${good}a 60 CNAME b\na 60 A 192.0.2.1\n`,
    `${good}a 60 A 192.0.2.1\nA 60 CNAME b\n`,
    `${good}@ 60 CNAME b\n`,
    `${good}a 60 CNAME b\na 60 CNAME c\n`,
    `${good}a 60 DNAME b\na 60 DNAME c\n`,
    `${good}a 60 CNAME b\na 60 DNAME c\n`,
    `${good}@ 60 SOA ns hm 2 2 3 4 5\n`,
    `${good}a 60 SOA ns hm 1 2 3 4 5\n`,
    '@ 60 NS ns.other.\n',
    '@ 60 SOA ns hm 1 2 3 4 5\n',
    `${good}a 60 A 192.0.2.300\n`,
    `${good}a 60 A\n`,
    `${good}a 60 CH A 192.0.2.1\n`,
    `${good}a 60 NOSUCHTYPE x\n`,
    `${good}a..b 60 A 192.0.2.1\n`,
    `${good}a 60 TXT "open\n`,
    `${good}a 60 TXT ( open\n`,
    `${good}a 60 TXT )\n`,
    `${good}a 60 TXT \\256\n`,
    `${good}a 60 TXT ${'x'.repeat(256)}\n`,
    `${good}${'x'.repeat(64)} 60 TXT x\n`,
    `${good}a 60 MX 65536 b\n`,
    `${good}a 60 TYPE65280 \\# 3 0102\n`,
    `${good}a 60 A \\# 3 010203\n`,
    `${good}a 60 ANY x\n`,
    `${good}$NOSUCH x\n`,
    `${good}$INCLUDE not-there\n`,
    `${good}$TTL x\n`,
    `${good}$ORIGIN a..b\n`,
    `${good}$GENERATE 2-1 a$ A 192.0.2.1\n`,
    `${good}$GENERATE 1-2/0 a$ A 192.0.2.1\n`,
    `${good}$GENERATE 1-2 a$ A 192.0.2.30$\n`,
    `${good}a 60 HTTPS 1 . port=1 port=2\n`,
    `${good}a 60 HTTPS 1 . mandatory=port\n`,
    `${good}a 60 DS 1 13 2 0102\n`,
    'a TXT x\n@ 60 SOA ns hm 1 2 3 4 5\n@ 60 NS ns.other.\na 60 CNAME b\n',
  ];
  for (const text of [good, ...illFormed]) {
    const ours = read(text);
    const mistakes = [...ours.mistakes, ...checkZone(ours.records, ORIGIN).mistakes];
    const theirs = dump(text, 'text');
    assert.equal(mistakes.length > 0, text !== good, text);
    assert.equal(theirs.octets === undefined, text !== good, `${text}${theirs.said}`);
  }
});

function read(text: string, included: ReadonlyMap<string, string> = new Map()): ZoneFileContent {
  return parseZoneFile(text, {
    origin: ORIGIN,
    file: 'zone',
    include(file) {
      const part = included.get(file);
      return part === undefined ? undefined : { text: part, file };
    },
  });
}

/** `octets` is undefined when the zone was refused. Its checks beyond the zone's form are switched off. */
function dump(text: string, format: 'raw' | 'text'): { octets: Buffer | undefined; said: string } {
  writeFileSync(join(directory, 'zone'), text, 'latin1');
  const lenient = ['-k', '-n', '-r', '-m', '-M', '-S', '-T', '-W'].flatMap((check) => [check, 'ignore']);
  const options = ['-i', 'none', ...lenient, '-D', '-F', format, '-o', 'dump', ORIGIN, 'zone'];
  const { status, stdout } = spawnSync(oracle!, options, { cwd: directory, timeout: 10_000 });
  const octets = status === 0 ? readFileSync(join(directory, 'dump')) : undefined;
  return { octets, said: stdout.toString('latin1') };
}

interface ReadRecord {
  readonly owner: Uint8Array;
  readonly type: number;
  readonly ttl: number;
  readonly rdata: Uint8Array;
}

/** BIND's raw form: a header of 24 octets, then for each RRset its length, class, type, covered type, TTL, count, owner and RDATA. */
function readRaw(dumped: Buffer): ReadRecord[] {
  const records: ReadRecord[] = [];
  for (let at = 24; at < dumped.length;) {
    const end = at + dumped.readUint32BE(at);
    const type = dumped.readUint16BE(at + 6);
    const ttl = dumped.readUint32BE(at + 10);
    const ownerEnd = at + 20 + dumped.readUint16BE(at + 18);
    const owner = dumped.subarray(at + 20, ownerEnd);
    for (at = ownerEnd; at < end;) {
      const rdataEnd = at + 2 + dumped.readUint16BE(at);
      records.push({ owner, type, ttl, rdata: dumped.subarray(at + 2, rdataEnd) });
      at = rdataEnd;
    }
  }
  return records;
}

function lines(records: readonly ReadRecord[]): string[] {
  return records
    .map(({ owner, type, ttl, rdata }) => {
      const name = Buffer.from(toWireName(owner)).toString('latin1');
      return `${JSON.stringify(name)} ${ttl} ${typeName(type)} ${Buffer.from(canonicalRdata(type, rdata)).toString('hex')}`;
    })
    .toSorted();
}
