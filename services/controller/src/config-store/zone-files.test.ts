/** A configuration file with zone files beside it: what is stored needs none of them, and a change of any is noticed. */
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Mistake } from '@signpost/config/check-configuration';
import { buckets } from '@signpost/contracts/subjects';
import { createMemoryMessaging } from '@signpost/memory/messaging';
import { eventually } from '@signpost/testkit/eventually';
import { fakeClock } from '@signpost/testkit/fake-clock';

import { buildTopology } from '../topology/topology.ts';
import { applyConfiguration, readManifest, storeConfiguration } from './apply-configuration.ts';
import { applyFile, FILE_POLL_MS, followFile } from './follow-file.ts';
import { loadConfiguration } from './load-configuration.ts';
import { readConfigurationFile } from './read-configuration-file.ts';

const YAML = `apiVersion: signpost/v1
targets: { a: { a: 192.0.2.1 } }
pools: { p: { members: [{ target: a }] } }
policies: { all: { rules: [{ try: [p] }] } }
zones:
  example.net: { file: zones/net.zone, records: { www: { steer: all }, x: { type: TXT, value: y } } }
`;
const ZONE = '$TTL 60\n@ SOA Ns1 dns 7 1 2 3 4\n NS ns1\nNS1 A 192.0.2.53\n$INCLUDE hosts\n';

async function world() {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-zones-'));
  const write = async (name: string, text: string) => {
    // As editors and configuration management do it: the stamp changes though time and size may not.
    await writeFile(join(directory, 'new'), text);
    await rename(join(directory, 'new'), join(directory, name));
  };
  await (await import('node:fs/promises')).mkdir(join(directory, 'zones'));
  await write('signpost.yaml', YAML);
  await write('zones/net.zone', ZONE);
  await write('zones/hosts', 'host A 192.0.2.7\n');
  const bucket = await createMemoryMessaging().bucket(buckets.config, {
    create: true,
    signal: AbortSignal.timeout(60_000),
  });
  const clock = fakeClock();
  const told: { applied: number; mistakes: Mistake[] } = { applied: 0, mistakes: [] };
  const options = {
    path: join(directory, 'signpost.yaml'),
    bucket,
    clock,
    onApplied: () => (told.applied += 1),
    onMistakes: (mistakes: readonly Mistake[]) => told.mistakes.push(...mistakes),
    onUnreadable: (error: Error) => assert.fail(error),
    onFailed: (error: Error) => assert.fail(error),
  };
  const load = async () => {
    const loaded = await loadConfiguration(bucket, (await readManifest(bucket))!.manifest);
    assert.ok(loaded.ok, loaded.ok ? '' : loaded.reason);
    return buildTopology(loaded.configuration).zones.get('example.net')!;
  };
  return {
    write,
    bucket,
    clock,
    told,
    options,
    load,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

test('what is stored is the zone itself: static records, SOA and what is steered, without any file', async () => {
  await using it = await world();
  await applyFile(it.options);
  const stored = await it.bucket.get('zones.example_net');
  assert.doesNotMatch(new TextDecoder().decode(stored!.value), /"file"|INCLUDE/);
  const zone = await it.load();
  assert.deepEqual(zone.soa, {
    primary: 'Ns1.example.net.',
    contact: 'dns.example.net.',
    refresh: 1,
    retry: 2,
    expire: 3,
    negativeTtl: 4,
    ttl: 60,
  });
  assert.deepEqual(
    [...zone.statics].map(([field, { ttl, rdata }]) => [field, ttl, ...rdata]),
    [
      ['example.net|NS', 60, 'ns1.example.net.'],
      ['host.example.net|A', 60, '192.0.2.7'],
      ['ns1.example.net|A', 60, '192.0.2.53'],
      ['x.example.net|TXT', 3600, '"y"'],
    ],
  );
  assert.deepEqual(
    zone.steered.map(({ owner }) => owner),
    ['www.example.net'],
  );
});

test('a restart applies nothing anew, a changed file of any kind does', async () => {
  await using it = await world();
  await applyFile(it.options);
  await applyFile(it.options);
  assert.equal(it.told.applied, 1);
  const { text, hash } = readConfigurationFile(it.options.path);
  await it.write('zones/hosts', 'host A 192.0.2.8\n');
  assert.deepEqual([text === YAML, hash === readConfigurationFile(it.options.path).hash], [true, false]);
  await applyFile(it.options);
  assert.equal(it.told.applied, 2);
  assert.deepEqual((await it.load()).statics.get('host.example.net|A')?.rdata, ['192.0.2.8']);
});

test('a restart does not undo an apply, though the zone file differs from what runs', async () => {
  await using it = await world();
  await applyFile(it.options);
  const { checked } = readConfigurationFile(it.options.path);
  assert.ok(checked.ok);
  const { text, ...rest } = checked.input.zones!['example.net']!;
  const zones = { 'example.net': { ...rest, text: text!.replace('192.0.2.7', '192.0.2.70') } };
  await storeConfiguration(it.bucket, { ...checked.input, zones }, { nowMs: 1 });
  await applyFile(it.options);
  assert.deepEqual((await it.load()).statics.get('host.example.net|A')?.rdata, ['192.0.2.70']);
});

test('while it is followed a change of zone file or included file is taken, a broken one told once', async () => {
  await using it = await world();
  const stop = new AbortController();
  const following = followFile({ ...it.options, signal: stop.signal });
  const host = async () => (await it.load()).statics.get('host.example.net|A')?.rdata[0];
  const polled = async (done: () => unknown) => {
    await eventually(async () => {
      await it.clock.advance(FILE_POLL_MS);
      return done();
    }, Boolean);
  };
  await polled(() => it.told.applied === 1);
  await it.write('zones/hosts', 'host A 192.0.2.8\n');
  await polled(() => it.told.applied === 2);
  assert.equal(await host(), '192.0.2.8');
  await it.write('zones/net.zone', `${ZONE}bad A 1.2\n`);
  await polled(() => it.told.mistakes.length > 0);
  for (let i = 0; i < 5; i += 1) await it.clock.advance(FILE_POLL_MS);
  assert.deepEqual(
    it.told.mistakes.map(({ file, line, column }) => [file.replace(/^.*\/zones\//, ''), line, column]),
    [['net.zone', 6, 7]],
  );
  assert.equal(await host(), '192.0.2.8', 'what runs stays');
  await it.write('zones/net.zone', ZONE.replace('$INCLUDE hosts', 'host A 192.0.2.9'));
  await polled(() => it.told.applied === 3);
  assert.equal(await host(), '192.0.2.9');
  stop.abort();
  await following;
});

test('a text that names a zone file is refused where that file is not', async () => {
  await using it = await world();
  const outcome = await applyConfiguration(it.bucket, { text: YAML, file: 'x', nowMs: 1 });
  assert.ok(outcome.kind === 'refused');
  assert.match(
    outcome.mistakes[0]!.message,
    /cannot be read from here; apply the file with "signpost apply"/,
  );
});
