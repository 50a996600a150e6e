import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { parseAddress } from '@signpost/testkit/parse-prefix';
import { writeMmdb } from '@signpost/testkit/write-mmdb';

import type { GeoDatabaseError } from './errors.ts';
import { followGeoFile, followSystemFile, type GeoFiles, type GeoSource } from './geo-file.ts';

const NEVER_MS = 3_600_000;

function fileOf(country: string): Buffer {
  return writeMmdb([{ prefix: '192.0.2.0/24', record: { country_code: country } }], { ipVersion: 6 });
}

function countryOf(source: GeoSource): string {
  return source.current().lookup(parseAddress('192.0.2.1')).country;
}

/** A directory with a database in it, put there by rename as updaters do. */
async function openDirectory(): Promise<
  AsyncDisposable & { path: string; put(octets: Uint8Array): Promise<void> }
> {
  const directory = await fs.mkdtemp(join(tmpdir(), 'signpost-geo-'));
  const path = join(directory, 'geo.mmdb');
  return {
    path,
    put: async (octets) => {
      await fs.writeFile(`${path}.new`, octets);
      await fs.rename(`${path}.new`, path);
    },
    [Symbol.asyncDispose]: () => fs.rm(directory, { recursive: true }),
  };
}

test('a new file is swapped in, and an unchanged one is left alone', async () => {
  await using directory = await openDirectory();
  await directory.put(fileOf('GB'));
  const reloaded: string[] = [];
  await using source = await followGeoFile({
    path: directory.path,
    pollMs: NEVER_MS,
    onError: assert.fail,
    onReload: (database) => reloaded.push(database.lookup(parseAddress('192.0.2.1')).country),
  });
  const first = source.current();
  assert.equal(await source.reloadNow(), 'unchanged');
  assert.equal(source.current(), first);
  await directory.put(fileOf('JP'));
  assert.equal(await source.reloadNow(), 'reloaded');
  assert.equal(countryOf(source), 'JP');
  assert.equal(
    first.lookup(parseAddress('192.0.2.1')).country,
    'GB',
    'who still holds the old one reads the old one',
  );
  assert.deepEqual(reloaded, ['JP']);
});

test('a corrupt or vanished file keeps the old database and is reported once', async () => {
  await using directory = await openDirectory();
  await directory.put(fileOf('GB'));
  const errors: GeoDatabaseError[] = [];
  const onError = (error: GeoDatabaseError): void => void errors.push(error);
  await using source = await followGeoFile({ path: directory.path, pollMs: NEVER_MS, onError });
  await directory.put(fileOf('JP').subarray(0, 300));
  assert.equal(await source.reloadNow(), 'failed');
  assert.equal(await source.reloadNow(), 'unchanged');
  await fs.rm(directory.path);
  assert.equal(await source.reloadNow(), 'failed');
  assert.equal(await source.reloadNow(), 'unchanged');
  assert.equal(countryOf(source), 'GB');
  assert.deepEqual(
    errors.map((error) => [error.code, error.file]),
    [
      ['SIGNPOST_GEO_CORRUPT', directory.path],
      ['SIGNPOST_GEO_UNREADABLE', directory.path],
    ],
  );
  await directory.put(fileOf('JP'));
  assert.equal(await source.reloadNow(), 'reloaded');
  assert.equal(countryOf(source), 'JP');
});

test('a database of autonomous systems is followed in the same way', async () => {
  await using directory = await openDirectory();
  const fileOfSystem = (asn: number) =>
    writeMmdb([{ prefix: '192.0.2.0/24', record: { autonomous_system_number: asn } }], { ipVersion: 6 });
  await directory.put(fileOfSystem(64_500));
  const errors: GeoDatabaseError[] = [];
  await using source = await followSystemFile({
    path: directory.path,
    pollMs: NEVER_MS,
    onError: (error) => void errors.push(error),
  });
  const asn = () => source.current().lookup(parseAddress('192.0.2.1')).asn;
  assert.equal(asn(), 64_500);
  await directory.put(fileOfSystem(64_501));
  assert.equal(await source.reloadNow(), 'reloaded');
  assert.equal(asn(), 64_501);
  await directory.put(fileOf('GB'));
  assert.equal(await source.reloadNow(), 'failed');
  assert.equal(asn(), 64_501);
  assert.match(errors[0]!.message, /^ASN database .*says nothing of autonomous systems/);
});

test('a file that cannot be used at the start is an error', async () => {
  await using directory = await openDirectory();
  const start = (): Promise<GeoSource> => followGeoFile({ path: directory.path, onError: assert.fail });
  await assert.rejects(start, { code: 'SIGNPOST_GEO_UNREADABLE' });
  await directory.put(new Uint8Array(0));
  await assert.rejects(start, { code: 'SIGNPOST_GEO_EMPTY' });
  await directory.put(Buffer.from('no database'));
  await assert.rejects(start, { code: 'SIGNPOST_GEO_CORRUPT' });
});

test('polling finds a new file by itself', async () => {
  await using directory = await openDirectory();
  await directory.put(fileOf('GB'));
  const reload = Promise.withResolvers<void>();
  await using source = await followGeoFile({
    path: directory.path,
    pollMs: 5,
    onError: reload.reject,
    onReload: () => reload.resolve(),
  });
  await directory.put(fileOf('JP'));
  const deadline = setTimeout(() => reload.reject(new Error('no poll within 10 s')), 10_000); // also keeps the process up
  await reload.promise;
  clearTimeout(deadline);
  assert.equal(countryOf(source), 'JP');
});

test('a file changed while it is read is read again at the next check', async () => {
  let version = 1;
  let octets = fileOf('GB');
  const files: GeoFiles = {
    stat: async () => ({ ino: 1, size: octets.length, mtimeMs: version }),
    readFile: async () => {
      const read = octets;
      if (version === 2) [version, octets] = [3, fileOf('JP')]; // replaced just after this read
      return read;
    },
  };
  await using source = await followGeoFile({
    path: 'geo.mmdb',
    pollMs: NEVER_MS,
    onError: assert.fail,
    files,
  });
  [version, octets] = [2, fileOf('US')];
  assert.equal(await source.reloadNow(), 'reloaded');
  assert.equal(countryOf(source), 'US');
  assert.equal(await source.reloadNow(), 'reloaded');
  assert.equal(countryOf(source), 'JP');
  assert.equal(await source.reloadNow(), 'unchanged');
});

test('after closing nothing is swapped or reported, also not by a check under way', async () => {
  let version = 1;
  const reading = Promise.withResolvers<void>();
  const resume = Promise.withResolvers<void>();
  const files: GeoFiles = {
    stat: async () => ({ ino: 1, size: 1, mtimeMs: version }),
    readFile: async () => {
      if (version === 1) return fileOf('GB');
      reading.resolve();
      await resume.promise;
      return fileOf('JP');
    },
  };
  const options = {
    path: 'geo.mmdb',
    pollMs: NEVER_MS,
    onError: assert.fail,
    onReload: () => assert.fail('reloaded'),
  };
  const source = await followGeoFile({ ...options, files });
  version = 2;
  const check = source.reloadNow();
  await reading.promise;
  const closed = source[Symbol.asyncDispose]();
  resume.resolve();
  await closed;
  assert.equal(await check, 'unchanged');
  assert.equal(countryOf(source), 'GB');
});
