/** Tables of clients in a running authority: two workers, real sockets, the bundled database and one that replaces it. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { defaultDatabasePath } from '@signpost/geo/default-database';
import { createMemoryRecordStore } from '@signpost/memory/record-store';
import { eventually } from '@signpost/testkit/eventually';
import { seededDraw } from '@signpost/testkit/seeded-draw';
import { writeMmdb } from '@signpost/testkit/write-mmdb';

import { publish } from '../testing/memory-sink.ts';
import { APEX, startAuthority } from '../testing/running-authority.ts';
import { group, shown, steeredSet, zoneOf } from '../testing/sample-zone.ts';

const CLIENTS = 60;

const pools = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((rdata) => group('A', [rdata]));
const zoneWith = (rules: Parameters<typeof steeredSet>[1]) =>
  zoneOf(APEX, 'www A 192.0.2.9', { [`go.${APEX}|A`]: steeredSet(pools, rules) });
const continents = (first: number, second: number) => ({
  rules: [
    { when: [{ geos: ['EU', 'AF'] }], branch: first },
    { when: [{ geos: ['NA', 'SA'] }], branch: second },
    { branch: 2 },
  ],
});

function subnets(): readonly string[] {
  const draw = seededDraw(6);
  return Array.from({ length: CLIENTS }, (_, i) => {
    const octet = () => Math.floor(draw() * 256);
    return i % 3 === 0
      ? `2a0${octet() & 7}:${octet().toString(16)}::/40`
      : `${octet()}.${octet()}.${octet()}.0/24`;
  });
}

test('clients get the same before and after their table is there, when rules change and when the database does', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-tables-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const geoDatabase = join(directory, 'geo.mmdb');
  await copyFile(defaultDatabasePath(), geoDatabase);
  const store = createMemoryRecordStore();
  await publish(store.writer, [zoneWith(continents(0, 1))]);
  const { ask, metrics } = await startAuthority(t, { geoDatabase, geoPollMs: 20 }, store);
  const askAll = async () =>
    Promise.all(
      subnets().map(async (subnet) => {
        const { answers, edns } = await ask({ name: `go.${APEX}`, type: 'A', subnet });
        const address = shown(answers)[0]!.split(' ').at(-1)!;
        return { address, scope: edns!.clientSubnet!.scopePrefixLength };
      }),
    );
  const addresses = (all: Awaited<ReturnType<typeof askAll>>) => all.map(({ address }) => address);
  const untilTables = (count: number) =>
    eventually(metrics, (text) => new RegExp(`^signpost_client_tables ${count}$`, 'm').test(text));

  const first = await askAll();
  await untilTables(1);
  const then = await askAll();
  assert.deepEqual(addresses(then), addresses(first));
  assert.ok(then.every(({ scope }, index) => scope <= first[index]!.scope));
  assert.deepEqual(new Set(addresses(then)).size, 3);

  await publish(store.writer, [zoneWith(continents(1, 0))]);
  const turned = addresses(first).map((address) =>
    address.replace(/[12]$/, (last) => (last === '1' ? '2' : '1')),
  );
  await eventually(askAll, (all) => JSON.stringify(addresses(all)) === JSON.stringify(turned));
  await untilTables(1);
  assert.deepEqual(addresses(await askAll()), turned);

  const everywhere = ['0.0.0.0/0', '2000::/3'].map((prefix) => ({ prefix, record: { country_code: 'US' } }));
  await writeFile(`${geoDatabase}.new`, writeMmdb(everywhere, { ipVersion: 6 }));
  await rename(`${geoDatabase}.new`, geoDatabase);
  const american = JSON.stringify(subnets().map(() => '192.0.2.1'));
  await eventually(askAll, (all) => JSON.stringify(addresses(all)) === american);
  await untilTables(1);
  assert.equal(JSON.stringify(addresses(await askAll())), american);
});
