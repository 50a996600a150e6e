/** H13: images are filled, grow, are kept up while they are copied, and are handed over whole. */
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, test } from 'node:test';

import type { Generation } from '@signpost/contracts/brands';
import type { Publication } from '@signpost/contracts/publication';
import type { RecordSet } from '@signpost/contracts/record-set';
import { parseName } from '@signpost/dns/name-text';
import * as fc from 'fast-check';

import { contentOf } from '../testing/image-content.ts';
import { facts, group, imageOf, steeredSet } from '../testing/sample-zone.ts';
import { ImageFullError } from './image-space.ts';
import { Header, type ImageMemory, PolicyEntry } from './layout.ts';
import { ImageSnapshot } from './read-image.ts';
import { RecordImage, type RecordImageOptions } from './record-image.ts';
import type { BuildProblem } from './write-image.ts';

const APEX = 'example.net';
/** Small enough that tests outgrow it, and that what is gone soon counts. */
const ROOM = { first: 2 ** 18, most: 2 ** 23 };
const NAMES = 2_500; // a copy takes three turns
const GENERATION = 1 as Generation;

const set = (value: number): RecordSet => ({
  kind: 'static',
  ttl: 60,
  rdata: [`192.0.${value >> 8}.${value & 255}`],
});
const steered = (value: number): RecordSet => steeredSet([group('A', [`192.0.2.${value}`])]);
const BAD: RecordSet = { kind: 'static', ttl: 60, rdata: ['nowhere'] };
const ownerOf = (name: number): string => `host-${name}.${APEX}`;

type Sets = ReadonlyMap<string, RecordSet>;

function publication(
  changes: readonly (readonly [owner: string, after: RecordSet | null])[],
  zones: Publication['zones'] = {},
): Publication {
  return {
    base: GENERATION,
    generation: GENERATION,
    atMs: 0,
    why: [],
    changes: changes.map(([owner, after]) => ({ zone: APEX, owner, type: 'A', before: null, after })),
    zones,
  };
}

/** Counts what is handed over and told. */
class Following {
  readonly published: ImageMemory[] = [];
  readonly problems: BuildProblem[] = [];
  readonly image: RecordImage;

  constructor(options: Partial<RecordImageOptions> = {}) {
    this.image = new RecordImage({
      publish: async (memory) => void this.published.push(memory),
      onProblem: (problem) => void this.problems.push(problem),
      room: ROOM,
      ...options,
    });
  }

  /** What workers answer from. */
  get memory(): ImageMemory {
    return this.published.at(-1)!;
  }

  async load(sets: Sets, apex = APEX): Promise<void> {
    await this.image.begin();
    const fields = [...sets].map(([owner, set]) => [`${owner}|A`, set] as const);
    for (let i = 0; i < fields.length; i += 500) {
      await this.image.addPortion({ apex, facts: undefined, recordSets: fields.slice(i, i + 500) });
    }
    await this.image.addPortion({ apex, facts: facts(apex), recordSets: [] });
    await this.image.swap(GENERATION);
  }
}

const hosts = (count: number, value: (name: number) => RecordSet = set): Map<string, RecordSet> =>
  new Map(Array.from({ length: count }, (_, name) => [ownerOf(name), value(name)]));

function wholeOf(sets: Sets): ImageMemory {
  const recordSets = [...sets].map(([owner, set]) => [`${owner}|A`, set] as const);
  return imageOf({ apex: APEX, facts: facts(APEX), recordSets }).memory;
}

test('an image grows while it is filled, and holds all of it when it is handed over', async () => {
  const following = new Following();
  const sets = hosts(8_000);
  await following.load(sets);
  assert.equal(following.published.length, 1);
  assert.ok(following.memory.byteLength > ROOM.first);
  assert.ok(following.image.octets > ROOM.first);
  assert.deepEqual(contentOf(following.memory), contentOf(wholeOf(sets)));
});

test('what is filled is not seen before it is swapped in, and what was begun anew has nothing of before', async () => {
  const following = new Following();
  await following.load(hosts(3));
  const before = contentOf(following.memory);
  await following.image.begin();
  await following.image.addPortion({ apex: 'example.org', facts: facts('example.org'), recordSets: [] });
  assert.deepEqual(contentOf(following.memory), before);
  await following.load(hosts(2));
  assert.deepEqual(contentOf(following.memory), contentOf(wholeOf(hosts(2))));
});

test('zones are kept from the image in use, in place of what was read of them', async () => {
  const following = new Following();
  await following.load(hosts(1_500));
  const before = contentOf(following.memory)[APEX];
  await following.image.begin();
  await following.image.addPortion({
    apex: APEX,
    facts: undefined,
    recordSets: [[`half.${APEX}|A`, set(1)]],
  });
  await following.image.addPortion({ apex: 'example.org', facts: facts('example.org'), recordSets: [] });
  await following.image.keepZones([APEX, 'unknown.example']);
  await following.image.swap(GENERATION);
  const content = contentOf(following.memory);
  assert.deepEqual(Object.keys(content), [APEX, 'example.org']);
  assert.deepEqual(content[APEX], before);
});

test('publications that come while everything is read again go to the image under way', async () => {
  const following = new Following();
  await following.load(hosts(2));
  await following.image.begin();
  await following.image.catchUp(publication([[ownerOf(0), set(7)]], { [APEX]: facts(APEX) }));
  assert.equal(following.published.length, 1);
  await following.image.swap(GENERATION);
  assert.deepEqual(contentOf(following.memory), contentOf(wholeOf(new Map([[ownerOf(0), set(7)]]))));
});

test('a change is seen in the image in use at once', async () => {
  const following = new Following();
  await following.load(hosts(2));
  await following.image.apply([publication([[ownerOf(0), set(7)]])]);
  assert.equal(following.published.length, 1);
  const sets = hosts(2).set(ownerOf(0), set(7));
  assert.deepEqual(contentOf(following.memory), contentOf(wholeOf(sets)));
});

test('when more is gone than there, a smaller image with the same content is handed over', async () => {
  const following = new Following();
  const sets = hosts(NAMES);
  await following.load(sets);
  let most = 0;
  for (let round = 0; following.published.length === 1; round += 1) {
    assert.ok(round < 20_000);
    const change = [ownerOf(round % NAMES), set(round)] as const;
    sets.set(...change);
    await following.image.apply([publication([change])]);
    most = Math.max(most, following.image.octets);
    await nextTurn();
  }
  assert.deepEqual(contentOf(following.published[0]!), contentOf(following.memory));
  assert.deepEqual(contentOf(following.memory), contentOf(wholeOf(sets)));
  assert.ok(following.image.octets < 0.7 * most, `${following.image.octets} of ${most} octets`);
});

describe('while a copy is under way', () => {
  type Change = readonly [name: number, value: number | null] | 'gone';

  /** Names that stay, go, come and become steered, and now and then the whole zone goes. */
  const change = fc.oneof(
    {
      weight: 12,
      arbitrary: fc.tuple(fc.nat(NAMES + 100), fc.option(fc.nat(999))).map((pair): Change => pair),
    },
    { weight: 1, arbitrary: fc.constant<Change>('gone') },
  );
  const turns = fc.array(fc.array(change, { maxLength: 6 }), { minLength: 1, maxLength: 6 });

  test('what is applied is in the image in use at once, and in the copy as well', async () => {
    let during = 0;
    await fc.assert(
      fc.asyncProperty(turns, async (turns) => {
        const following = new Following();
        const sets = hosts(NAMES);
        await following.load(sets);
        await following.image.apply([publication([...sets])]); // all of it once more: now it is copied
        for (const turn of turns) {
          const isUnderWay = following.published.length === 1;
          if (isUnderWay) during += 1;
          for (const change of turn) {
            await following.image.apply(publicationOf(change, sets));
            const owner = change === 'gone' ? ownerOf(0) : ownerOf(change[0]);
            assert.equal(isThere(following.memory, owner), sets.has(owner));
          }
          await nextTurn();
        }
        await settle();
        assert.ok(following.published.length >= 2);
        assert.deepEqual(contentOf(following.memory), contentOf(wholeOf(sets)));
      }),
      { numRuns: 15 },
    );
    assert.ok(during > 15, `only ${during} turns while it was under way`);
  });

  function publicationOf(change: Change, sets: Map<string, RecordSet>): Publication[] {
    if (change === 'gone') {
      sets.clear();
      return [publication([], { [APEX]: null }), publication([], { [APEX]: facts(APEX) })];
    }
    const [name, value] = change;
    const after = value === null ? null : value % 3 === 0 ? steered(value % 200) : set(value);
    if (after === null) sets.delete(ownerOf(name));
    else sets.set(ownerOf(name), after);
    return [publication([[ownerOf(name), after]])];
  }

  test('reading everything again waits for it, and is what is in use then', async () => {
    const following = new Following();
    const sets = hosts(NAMES);
    await following.load(sets);
    await following.image.apply([publication([...sets])]);
    await following.load(hosts(3));
    await settle();
    assert.equal(following.published.length, 3);
    assert.deepEqual(contentOf(following.memory), contentOf(wholeOf(hosts(3))));
  });

  test('what is applied while the copy is handed over is done when all have it', async () => {
    const handed: PromiseWithResolvers<void>[] = [];
    const following = new Following({
      publish: (memory) => {
        following.published.push(memory);
        handed.push(Promise.withResolvers());
        return following.published.length === 1 ? Promise.resolve() : handed.at(-1)!.promise;
      },
    });
    const sets = hosts(NAMES);
    await following.load(sets);
    await following.image.apply([publication([...sets])]);
    await settle();
    assert.equal(following.published.length, 2);
    let isDone = false;
    const applied = following.image.apply([publication([[ownerOf(0), set(7)]])]).then(() => (isDone = true));
    await settle();
    assert.equal(isDone, false);
    handed.at(-1)!.resolve();
    await applied;
    assert.deepEqual(contentOf(following.memory), contentOf(wholeOf(sets.set(ownerOf(0), set(7)))));
  });
});

describe('an image that is full', () => {
  test('is followed by a larger one, which has the change whole, and what cannot be served of it is told once', async () => {
    const following = new Following();
    const sets = hosts(5_000);
    await following.load(sets);
    const { byteLength } = following.memory;
    let [most, rounds] = [0, 0];
    for (; following.published.length === 1; rounds += 1) {
      most = following.image.octets;
      assert.ok(rounds < 100);
      const changes = Array.from({ length: 500 }, (_, i) => [ownerOf(i), set(rounds)] as const);
      for (const change of changes) sets.set(...change);
      const bad = [[`bad-a${rounds}.${APEX}`, BAD] as const, [`bad-b${rounds}.${APEX}`, BAD] as const];
      await following.image.apply([publication([bad[0]!, ...changes, bad[1]!])]);
    }
    assert.ok(most > 0.8 * byteLength, `${most} of ${byteLength} octets`);
    assert.deepEqual(contentOf(following.memory), contentOf(wholeOf(sets)));
    assert.deepEqual(
      following.problems.map(({ owner }) => owner),
      Array.from({ length: rounds }, (_, i) => [`bad-a${i}.${APEX}`, `bad-b${i}.${APEX}`]).flat(),
    );
  });

  test('while it is filled: a publication is done again whole, and its problems are told once', async () => {
    const following = new Following();
    await following.image.begin();
    await following.image.addPortion({
      apex: APEX,
      facts: facts(APEX),
      recordSets: [[`bad.${APEX}|A`, BAD]],
    });
    const sets = hosts(4_000);
    await following.image.catchUp(publication([[`bad-a.${APEX}`, BAD], ...sets, [`bad-b.${APEX}`, BAD]]));
    await following.image.swap(GENERATION);
    assert.ok(following.memory.byteLength > ROOM.first);
    assert.deepEqual(contentOf(following.memory), contentOf(wholeOf(sets)));
    assert.deepEqual(
      following.problems.map(({ owner }) => owner),
      [`bad.${APEX}`, `bad-a.${APEX}`, `bad-b.${APEX}`],
    );
  });

  test('and cannot be larger: the error says so, what is in use stays, and fewer records are taken', async () => {
    const following = new Following({ room: { first: 2 ** 18, most: 2 ** 20 } });
    const sets = hosts(4_000);
    await following.load(sets);
    const before = contentOf(following.memory);
    await assert.rejects(following.load(hosts(20_000)), isFull);
    assert.deepEqual(contentOf(following.memory), before);
    let name = 4_000;
    await assert.rejects(async () => {
      for (; name < 20_000; name += 1)
        await following.image.apply([publication([[ownerOf(name), set(name)]])]);
    }, isFull);
    assert.deepEqual(contentOf(following.memory), contentOf(wholeOf(hosts(name))));
    assert.ok(name > 5_000);
    await following.image.apply([publication([[ownerOf(1), null]])]);
    const left = hosts(name);
    left.delete(ownerOf(1));
    assert.deepEqual(contentOf(following.memory), contentOf(wholeOf(left)));
    await following.load(hosts(10));
    assert.deepEqual(contentOf(following.memory), contentOf(wholeOf(hosts(10))));
  });

  function isFull(error: unknown): boolean {
    assert.ok(error instanceof ImageFullError);
    assert.match(error.message, /more than 1 MiB/);
    return true;
  }
});

test('a policy is there once however many names have it, and one that no name has goes with the next copy', async () => {
  const following = new Following();
  const sets = hosts(NAMES, (name) => steered(name % 3));
  await following.load(sets);
  assert.equal(policiesIn(following.memory), 3);
  for (let round = 0; following.published.length === 1; round += 1) {
    assert.ok(round < 100);
    for (const owner of sets.keys()) sets.set(owner, steered(round + 10));
    await following.image.apply([publication([...sets])]);
    await settle();
  }
  assert.equal(policiesIn(following.memory), 1);
  assert.deepEqual(contentOf(following.memory), contentOf(wholeOf(sets)));
});

/** Longer than any copy here takes. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}

function isThere(memory: ImageMemory, owner: string): boolean {
  const name = parseName(owner);
  const { served } = new ImageSnapshot(memory);
  const apex = parseName(APEX);
  return served.find(apex, 0, apex.length)?.names.find(name, 0, name.length) !== undefined;
}

function policiesIn(memory: ImageMemory): number {
  const words = new Int32Array(memory);
  const table = words[Header.policies]!;
  const slots = words.subarray(table + 1, table + 2 + words[table]!);
  return slots.filter((slot) => slot > 1 && words[slot + PolicyEntry.length]! > 0).length;
}
