import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RRType, typeCode } from '@signpost/dns/constants';
import { formatName, parseName } from '@signpost/dns/name-text';
import { encodeRdata } from '@signpost/dns/rdata';
import { generateZone } from '@signpost/dns/testing/generated-zone';
import { loadZone } from '@signpost/dns/zone-file/load-zone';
import type { ZoneRecord } from '@signpost/dns/zone-file/zone-record';

import { storedZone } from '@signpost/config/stored-zone';

import { snapshotOf } from '../testing/sample-zone.ts';

function load(text: string, included: ReadonlyMap<string, string> = new Map()): readonly ZoneRecord[] {
  const read = (path: string) => included.get(path.replace(/^.*\//, '')) ?? text;
  const { records, mistakes } = loadZone('example.com', 'zone', read);
  assert.deepEqual(mistakes, [], text);
  return records;
}

test('every record of generated zone files comes to the queries octet for octet', () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const { text, included } = generateZone(seed);
    const records = load(text, included);
    const { facts, recordSets } = storedZone(records);
    const snapshot = snapshotOf({ apex: 'example.com', facts, recordSets: [...recordSets] });
    const apex = parseName('example.com');
    const zone = snapshot.served.find(apex, 0, apex.length)!;
    const written = records.map(({ owner, type, rdata }) => `${formatName(owner)} ${type} ${rdata.join()}`);
    const served = [...recordSets].flatMap(([field, set]) => {
      const bar = field.lastIndexOf('|');
      const code = typeCode(field.slice(bar + 1))!;
      assert.ok(set.kind === 'static');
      return set.rdata.map((line) => `${field.slice(0, bar)} ${code} ${encodeRdata(code, line).join()}`);
    });
    served.push(`example.com ${RRType.SOA} ${zone.soa.records[0].rdata.join()}`);
    assert.deepEqual(served.toSorted(), written.toSorted(), text);
  }
});

test('odd names and texts survive', () => {
  const records = load(
    `$TTL 60\n@ SOA Ns1 john\\.doe 4294967295 1 2 3 4\n NS ns1\na\\.b|c\\000\\255 TXT "" "\\000\\"x"\nx TYPE65280 \\# 3 010203\n`,
  );
  const { facts, recordSets } = storedZone(records);
  assert.equal(facts!.soa.contact, 'john\\.doe.example.com.');
  assert.equal(facts!.soa.primary, 'Ns1.example.com.');
  assert.equal(facts!.soa.serial, 4_294_967_295);
  assert.deepEqual(
    [...recordSets.keys()],
    ['example.com|NS', 'a\\.b|c\\000\\255.example.com|TXT', 'x.example.com|TYPE65280'],
  );
});
