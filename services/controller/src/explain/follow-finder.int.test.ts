/** Databases as files: the bundled one where none is named, and a system only by a database of systems. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { parseAddress } from '@signpost/testkit/parse-prefix';
import { writeMmdb } from '@signpost/testkit/write-mmdb';

import { followFinder } from './follow-finder.ts';

const CLIENT = parseAddress('81.2.69.1');

test('without files of its own a controller knows countries and no systems', async () => {
  await using finder = await followFinder({
    geoDatabase: undefined,
    asnDatabase: undefined,
    onError: assert.fail,
  });
  assert.equal(finder.place(CLIENT).country, 'GB');
  assert.equal(finder.system, undefined);
});

test('with a database of systems it knows them too, and one that is none is an error', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-asn-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const asnDatabase = join(directory, 'asn.mmdb');
  await writeFile(
    asnDatabase,
    writeMmdb([{ prefix: '81.2.0.0/16', record: { asn: 'AS64500' } }], { ipVersion: 6 }),
  );
  const options = { geoDatabase: undefined, onError: assert.fail };
  await using finder = await followFinder({ ...options, asnDatabase });
  assert.deepEqual(finder.system?.(CLIENT), { asn: 64_500, prefixLength: 16 });
  await writeFile(asnDatabase, 'none');
  await assert.rejects(
    followFinder({ ...options, asnDatabase }),
    /ASN database .*asn\.mmdb: it is not a whole/,
  );
});
