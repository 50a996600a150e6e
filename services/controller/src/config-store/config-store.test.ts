import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { checkConfiguration, type Mistake } from '@signpost/config/check-configuration';
import { MessagingError, type Bucket } from '@signpost/contracts/messaging';
import { buckets } from '@signpost/contracts/subjects';
import { createMemoryMessaging } from '@signpost/memory/messaging';
import { fakeClock } from '@signpost/testkit/fake-clock';

import { EXAMPLE_YAML } from '../testing/example-configuration.ts';
import { applyConfiguration, readManifest } from './apply-configuration.ts';
import { assembleConfiguration, canonicalJson, configurationEntries } from './config-keys.ts';
import { applyFile } from './follow-file.ts';
import { keepCandidate, promoteCandidate } from './keep-candidate.ts';
import { loadConfiguration } from './load-configuration.ts';

const openBucket = ({ history }: { history: number } = buckets.config) =>
  createMemoryMessaging().bucket(
    { ...buckets.config, history },
    { create: true, signal: AbortSignal.timeout(5_000) },
  );
const apply = (bucket: Bucket, text: string) =>
  applyConfiguration(bucket, { text, file: 'x.yaml', nowMs: 1_000 });
const other = EXAMPLE_YAML.replace('weight: 80', 'weight: 70');

async function load(bucket: Bucket) {
  const present = await readManifest(bucket);
  const loaded = await loadConfiguration(bucket, present!.manifest);
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.reason);
  return loaded.configuration;
}

test('what was applied is what is loaded, and applying it again changes nothing', async () => {
  const bucket = await openBucket();
  const first = await apply(bucket, EXAMPLE_YAML);
  assert.ok(first.kind === 'applied' && first.changed);
  const checked = checkConfiguration(EXAMPLE_YAML, 'x');
  assert.deepEqual(await load(bucket), checked.ok && checked.configuration);
  const again = { ...first, changed: false, changes: { nouns: {}, removedZones: [] } };
  assert.deepEqual(await apply(bucket, EXAMPLE_YAML), again);
  assert.deepEqual(await apply(bucket, `# only a comment\n${EXAMPLE_YAML}`), again);
});

test('one noun is one key, written only when it differs; what is gone is deleted', async () => {
  const bucket = await openBucket();
  await apply(bucket, EXAMPLE_YAML);
  const before = (await readManifest(bucket))!.manifest.keys;
  assert.ok('zones.example_net' in before && 'targets.eu-a' in before);
  await apply(bucket, other);
  const after = (await readManifest(bucket))!.manifest.keys;
  const changed = Object.keys(after).filter((key) => after[key] !== before[key]);
  assert.deepEqual(changed, ['pools.eu']);
  await apply(bucket, other.replaceAll(/.*static-a.*\n/g, '').replaceAll(', spare]', ']'));
  assert.ok(!(await bucket.keys()).includes('pools.spare'));
  assert.equal((await load(bucket)).pools['spare'], undefined);
});

test('an apply tells what came, went and changed, and which zones are gone', async () => {
  const bucket = await openBucket();
  const zone = `  old.example:
    soa: { primary: ns1.example.net., contact: dns.example.net. }
    ns: [ns1.example.net.]
    records: {}
`;
  await apply(bucket, `${EXAMPLE_YAML.trimEnd()}\n${zone}`);
  const outcome = await apply(bucket, other.replace('targets:', 'targets:\n  new: { a: 192.0.2.9 }'));
  assert.ok(outcome.kind === 'applied');
  const none = { added: 0, removed: 0, changed: 0 };
  assert.deepEqual(outcome.changes, {
    nouns: { zones: { ...none, removed: 1 }, pools: { ...none, changed: 1 }, targets: { ...none, added: 1 } },
    removedZones: ['old.example'],
  });
});

test('a configuration with mistakes is refused whole, with every mistake, and nothing is written', async () => {
  const bucket = await openBucket();
  const outcome = await apply(
    bucket,
    EXAMPLE_YAML.replace('weight: 80', 'weight: -1').replace('steer: global', 'steer: nowhere'),
  );
  assert.ok(outcome.kind === 'refused');
  assert.equal(outcome.mistakes.length, 2);
  assert.deepEqual(await bucket.keys(), []);
});

test('of two applies at the same time one wins whole, and the other is told', async () => {
  const bucket = await openBucket();
  await apply(bucket, EXAMPLE_YAML);
  const texts = [other, EXAMPLE_YAML.replace('ttl: 300', 'ttl: 301').replace('weight: 80', 'weight: 60')];
  const outcomes = await Promise.all(texts.map((text) => apply(bucket, text)));
  assert.deepEqual(outcomes.map(({ kind }) => kind).toSorted(), ['applied', 'conflict']);
  const winner = checkConfiguration(texts[outcomes.findIndex(({ kind }) => kind === 'applied')]!, 'x');
  assert.deepEqual(await load(bucket), winner.ok && winner.configuration);
});

test('candidates, however many, push out nothing of what is in force, and leave nothing behind', async () => {
  const bucket = await openBucket({ history: 2 });
  await apply(bucket, EXAMPLE_YAML);
  const keys = await bucket.keys();
  const propose = (text: string) => keepCandidate(bucket, { text, file: 'x.yaml', nowMs: 1_000 });
  for (const weight of [1, 2, 3]) {
    await propose(EXAMPLE_YAML.replace('weight: 80', `weight: ${weight}`));
  }
  const checked = checkConfiguration(EXAMPLE_YAML, 'x');
  assert.deepEqual(await load(bucket), checked.ok && checked.configuration);
  const smaller = await propose(other.replaceAll(/.*static-a.*\n/g, '').replaceAll(', spare]', ']'));
  assert.ok(smaller.kind === 'kept');
  assert.ok(!(await bucket.keys()).includes('candidate.pools.spare'));
  const promoted = await promoteCandidate(bucket, smaller.candidate.hash, 2_000);
  assert.ok(promoted.kind === 'applied');
  assert.deepEqual(promoted.changes.nouns, {
    targets: { added: 0, removed: 1, changed: 0 },
    pools: { added: 0, removed: 1, changed: 1 },
    policies: { added: 0, removed: 0, changed: 1 },
  });
  assert.deepEqual(await load(bucket), smaller.candidate.configuration);
  assert.equal((await readManifest(bucket))!.manifest.hash, smaller.candidate.hash);
  const left = keys.filter((key) => !['pools.spare', 'targets.static-a'].includes(key));
  assert.deepEqual((await bucket.keys()).toSorted(), left.toSorted());
});

test('an apply that NATS takes only in part writes nothing twice when it is tried again', async () => {
  const bucket = await openBucket({ history: 2 });
  await apply(bucket, EXAMPLE_YAML);
  const full: Bucket = {
    ...bucket,
    get: (...args) => bucket.get(...args),
    put: (...args) => bucket.put(...args),
    update: () => Promise.reject(new MessagingError('maximum payload exceeded')),
  };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await assert.rejects(apply(full, other), MessagingError);
  }
  const checked = checkConfiguration(EXAMPLE_YAML, 'x');
  assert.deepEqual(await load(bucket), checked.ok && checked.configuration);
});

test('a revision that is no longer kept is refused by name instead of guessed at', async () => {
  const bucket = await openBucket();
  await apply(bucket, EXAMPLE_YAML);
  const { manifest } = (await readManifest(bucket))!;
  const loaded = await loadConfiguration(bucket, {
    ...manifest,
    keys: { ...manifest.keys, 'pools.eu': 9_999 },
  });
  assert.deepEqual(loaded, { ok: false, reason: 'pools.eu: revision 9999 is no longer kept' });
});

test('zones come back under the names they were written with', () => {
  const zone = { soa: { primary: 'a.', contact: 'b.' }, ns: ['a.'] };
  const zones = { 'Example.NET.': zone, '.': zone, 'a_b.example': zone };
  const entries = configurationEntries({ apiVersion: 'signpost/v1', zones });
  for (const key of entries.keys()) assert.match(key, /^[-/_=.a-zA-Z0-9]+$/);
  assert.deepEqual(assembleConfiguration(entries), { apiVersion: 'signpost/v1', zones });
});

test('canonical JSON does not depend on the order of keys', () => {
  assert.equal(canonicalJson({ b: [{ d: 1, c: 2 }], a: 0 }), '{"a":0,"b":[{"c":2,"d":1}]}');
});

async function fileWorld() {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-config-'));
  const path = join(directory, 'signpost.yaml');
  const bucket = await openBucket();
  const told: { applied: number; mistakes: Mistake[]; unreadable: string[]; failed: string[] } = {
    applied: 0,
    mistakes: [],
    unreadable: [],
    failed: [],
  };
  const run = () =>
    applyFile({
      path,
      bucket,
      clock: fakeClock(),
      onApplied: () => (told.applied += 1),
      onMistakes: (mistakes) => told.mistakes.push(...mistakes),
      onUnreadable: (error) => told.unreadable.push(error.message),
      onFailed: (error) => told.failed.push(error.message),
    });
  return { path, bucket, told, run, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

test('a file is applied once; a restart does not undo a later apply', async () => {
  await using world = await fileWorld();
  await writeFile(world.path, EXAMPLE_YAML);
  await world.run();
  await world.run();
  assert.equal(world.told.applied, 1);
  await apply(world.bucket, other);
  await world.run();
  assert.equal(world.told.applied, 1);
  assert.equal((await load(world.bucket)).pools['eu']!.members[0]!.weight, 70);
  await writeFile(world.path, EXAMPLE_YAML.replace('weight: 80', 'weight: 50'));
  await world.run();
  assert.equal((await load(world.bucket)).pools['eu']!.members[0]!.weight, 50);
});

test('a broken file changes nothing and names its mistakes with their place', async () => {
  await using world = await fileWorld();
  await writeFile(world.path, EXAMPLE_YAML);
  await world.run();
  await writeFile(world.path, EXAMPLE_YAML.replace('weight: 80', 'weight: -1'));
  await world.run();
  assert.equal(world.told.applied, 1);
  assert.deepEqual(
    world.told.mistakes.map(({ file, path }) => [file, path]),
    [[world.path, 'pools.eu.members[0].weight']],
  );
  assert.equal((await load(world.bucket)).pools['eu']!.members[0]!.weight, 80);
});

test('a file that cannot be read is told and changes nothing', async () => {
  await using world = await fileWorld();
  assert.equal(await world.run(), undefined, 'it is tried again');
  assert.match(world.told.unreadable[0]!, /ENOENT/);
  assert.deepEqual(await world.bucket.keys(), []);
});

test('a file that NATS refuses is told, and tried again', async () => {
  await using world = await fileWorld();
  await writeFile(world.path, EXAMPLE_YAML);
  const put = world.bucket.put.bind(world.bucket);
  world.bucket.put = async () => {
    throw new MessagingError('zones.example_net: larger than the server takes');
  };
  assert.equal(await world.run(), undefined);
  assert.deepEqual(world.told.failed, ['zones.example_net: larger than the server takes']);
  world.bucket.put = put;
  assert.ok(await world.run());
  assert.equal(world.told.applied, 1);
});
