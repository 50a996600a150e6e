import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { RRType } from '../constants.ts';
import { parseNameKeepingCase } from '../name-text.ts';
import { anyName, wellFormedRdata } from '../testing/well-formed-rdata.ts';
import { generateZone } from '../testing/generated-zone.ts';
import { toCasedName } from '../wire-name.ts';
import { formatZoneFile } from './format-zone-file.ts';
import { parseZoneFile } from './parse-zone-file.ts';
import type { ZoneRecord } from './zone-record.ts';

type Written = Pick<ZoneRecord, 'owner' | 'type' | 'ttl' | 'rdata'>;

const anyRecord: fc.Arbitrary<Written> = fc
  .tuple(
    fc.constantFrom(...wellFormedRdata, [65280, fc.array(fc.integer({ min: 0, max: 255 }))] as const),
    fc.integer({ min: 0, max: 0x7fffffff }),
    anyName,
    fc.constantFrom('example.com.', 'EXAMPLE.com.', '.'),
  )
  .chain(([[type, rdata], ttl, head, tail]) =>
    rdata.map((octets) => ({
      owner: toCasedName(Uint8Array.from([...head.slice(0, -1), ...parseNameKeepingCase(tail)])),
      type,
      ttl,
      rdata: Uint8Array.from(octets),
    })),
  );

test('records of any type and any name are written and read back equal', () => {
  fc.assert(
    fc.property(
      fc.array(anyRecord, { maxLength: 8 }),
      fc.constantFrom('example.com', '.', 'a.b'),
      (records, origin) => {
        const text = formatZoneFile(records, origin);
        const read = parseZoneFile(text, { origin: 'elsewhere', file: 'zone' });
        assert.deepEqual(read.mistakes, [], text);
        assert.deepEqual(plain(read.records), plain(records), text);
      },
    ),
    { numRuns: 400 },
  );
});

test('a generated zone file is read, written and read again to the same records', () => {
  for (let seed = 10_000; seed < 10_060; seed += 1) {
    const { text, included } = generateZone(seed);
    const include = (file: string) => ({ text: included.get(file)!, file });
    const { records, mistakes } = parseZoneFile(text, { origin: 'example.com', file: 'zone', include });
    assert.deepEqual(mistakes, [], text);
    const again = parseZoneFile(formatZoneFile(records, 'example.com'), {
      origin: 'example.com',
      file: 'zone',
    });
    assert.deepEqual(plain(again.records), plain(records), text);
  }
});

test('the SOA stands first and names below the origin are relative', () => {
  const text =
    'www 5 A 192.0.2.1\n@ 60 SOA ns hm 1 2 3 4 5\n@ 60 NS ns\na.WWW 5 TXT x\nb.EXAMPLE.com. 1 A 192.0.2.1';
  const { records } = parseZoneFile(text, { origin: 'example.com', file: 'zone' });
  assert.equal(
    formatZoneFile(records, 'example.com'),
    [
      '$ORIGIN example.com.',
      '@\t60\tIN\tSOA\tns.example.com. hm.example.com. 1 2 3 4 5',
      '@\t60\tIN\tNS\tns.example.com.',
      'b.EXAMPLE.com.\t1\tIN\tA\t192.0.2.1',
      'www\t5\tIN\tA\t192.0.2.1',
      'a.WWW\t5\tIN\tTXT\t"x"',
      '',
    ].join('\n'),
  );
  assert.equal(records.find(({ type }) => type === RRType.SOA)!.line, 2);
});

/** As sortable texts, without the place in the file. */
function plain(records: readonly Written[]): string[] {
  return records
    .map(({ owner, type, ttl, rdata }) =>
      [Buffer.from(owner).toString('hex'), type, ttl, Buffer.from(rdata).toString('hex')].join(' '),
    )
    .toSorted();
}
