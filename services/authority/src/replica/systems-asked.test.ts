import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Generation } from '@signpost/contracts/brands';
import type { Publication } from '@signpost/contracts/publication';
import type { RecordSet } from '@signpost/contracts/record-set';

import { MemorySink } from '../testing/memory-sink.ts';
import { facts, group, steeredSet } from '../testing/sample-zone.ts';
import { SystemsAsked } from './systems-asked.ts';

const APEX = 'example.net';
const ASKS = [{ when: [{ geos: ['EU'] }, { asns: [64_500] }], branch: 0 }, { branch: 0 }];
const PLAIN = [{ when: [{ geos: ['EU'] }], branch: 0 }, { branch: 0 }];

function setOf(rules: typeof ASKS | typeof PLAIN, viewRules?: typeof ASKS): RecordSet {
  const views = viewRules && [{ vantage: 'eu', near: ['EU'], rules: viewRules }];
  return steeredSet([group('A', ['192.0.2.1'])], { rules, ...(views && { views }) });
}

function publication(owner: string, after: RecordSet | null, zones: Publication['zones'] = {}): Publication {
  return {
    base: 1 as Generation,
    generation: 2 as Generation,
    atMs: 0,
    why: [],
    changes: [{ zone: APEX, owner: `${owner}.${APEX}`, type: 'A', before: null, after }],
    zones,
  };
}

async function loaded(sets: Readonly<Record<string, RecordSet>>) {
  const told: string[] = [];
  const asked = new SystemsAsked((owner) => told.push(owner));
  const sink = asked.watching(new MemorySink());
  const load = async (content: Readonly<Record<string, RecordSet>>, kept: readonly string[] = []) => {
    await sink.begin();
    const recordSets = Object.entries(content).map(([owner, set]) => [`${owner}.${APEX}|A`, set] as const);
    if (kept.length === 0) await sink.addPortion({ apex: APEX, facts: facts(APEX), recordSets });
    await sink.keepZones(kept);
    await sink.swap(1 as Generation);
  };
  await load(sets);
  return { asked, sink, load, told };
}

test('record sets with rules on autonomous systems are counted, in views too, and the first is told', async () => {
  const { asked, told } = await loaded({
    geo: setOf(PLAIN),
    go: setOf(ASKS),
    near: setOf(PLAIN, ASKS),
  });
  assert.equal(asked.count, 2);
  assert.deepEqual(told, [`go.${APEX}`]);
});

test('the count follows changes, and is told again only after there were none', async () => {
  const { asked, sink, load, told } = await loaded({ geo: setOf(PLAIN) });
  assert.deepEqual([asked.count, told.length], [0, 0]);
  await sink.apply([publication('a', setOf(ASKS)), publication('b', setOf(ASKS))]);
  assert.deepEqual([asked.count, told], [2, [`a.${APEX}`]]);
  await sink.apply([publication('a', setOf(PLAIN))]);
  await sink.apply([publication('a', setOf(ASKS))]);
  assert.deepEqual([asked.count, told.length], [2, 1]);
  await load({}, [APEX]);
  assert.equal(asked.count, 2, 'kept as it was');
  await sink.apply([publication('a', null, { [APEX]: null })]);
  assert.equal(asked.count, 0, 'the zone is gone');
  await load({ c: setOf(ASKS) });
  assert.deepEqual([asked.count, told], [1, [`a.${APEX}`, `c.${APEX}`]]);
});
