/** H12: an image written whole and one written change by change hold the same, and a bad record harms nothing but itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RecordSet } from '@signpost/contracts/record-set';
import * as fc from 'fast-check';

import { contentOf } from '../testing/image-content.ts';
import { facts, group, imageOf, steeredSet, zoneOf } from '../testing/sample-zone.ts';
import { copyZones } from './copy-image.ts';
import { ImageFullError } from './image-space.ts';
import { Header } from './layout.ts';
import { type BuildProblem, ImageWriter } from './write-image.ts';

const APEX = 'example.net';
const ROOM = 2 ** 19;
const set = (octet: number): RecordSet => ({ kind: 'static', ttl: 60, rdata: [`192.0.2.${octet}`] });

function copyAll(from: ImageWriter, to: ImageWriter): void {
  for (const _ of copyZones(from, to));
}

type Edit =
  | { kind: 'put'; apex: string; owner: string; type: string; value: number | null }
  | { kind: 'facts'; apex: string; serial: number }
  | { kind: 'remove'; apex: string };

/** `B` stands for steered addresses. */
function valueOf(type: string, value: number): RecordSet {
  const ttl = 60 + value;
  switch (type) {
    case 'A':
      return {
        kind: 'static',
        ttl,
        rdata: Array.from({ length: value + 1 }, (_, i) => `192.0.2.${value + i}`),
      };
    case 'NS':
      return { kind: 'static', ttl, rdata: [`ns${value}.${APEX}.`, `ns.${APEX}.`] };
    case 'DNAME':
      return { kind: 'static', ttl, rdata: [`d${value}.example.org.`] };
    case 'TXT':
      return { kind: 'static', ttl, rdata: [`text ${value}`] };
    default:
      // Few different policies, so that names share them.
      return steeredSet([group('A', [`192.0.2.${value % 2}`, '192.0.2.9'])], { ttl });
  }
}

function apply(image: ImageWriter, edit: Edit): void {
  if (edit.kind === 'facts') return image.setFacts(edit.apex, facts(edit.apex, { serial: edit.serial }));
  if (edit.kind === 'remove') return image.removeZone(edit.apex);
  const { apex, owner, type, value } = edit;
  image.put(apex, owner, type === 'B' ? 'A' : type, value === null ? null : valueOf(type, value));
}

/** What the edits come to, as edits that only put. */
function outcomeOf(edits: readonly Edit[]): Edit[] {
  const last = new Map<string, Edit>();
  for (const edit of edits) {
    if (edit.kind === 'facts') last.set(`${edit.apex}||`, edit);
    else if (edit.kind === 'remove') {
      for (const key of last.keys()) if (key.startsWith(`${edit.apex}|`)) last.delete(key);
    } else {
      const key = `${edit.apex}|${edit.owner}|${edit.type === 'B' ? 'A' : edit.type}`;
      if (edit.value === null) last.delete(key);
      else last.set(key, edit);
    }
  }
  return [...last.values()];
}

function newImage(octets: number = ROOM): ImageWriter {
  return new ImageWriter(octets, (problem) => assert.fail(JSON.stringify(problem)));
}

function imageAfter(edits: readonly Edit[]): ImageWriter {
  const image = newImage();
  for (const edit of edits) apply(image, edit);
  return image;
}

/** Each zone is served in the end, so that all its names are found. */
const shown = (edits: readonly Edit[]): Edit[] =>
  [APEX, `a.${APEX}`].map(
    (apex) =>
      edits.findLast((edit) => edit.kind === 'facts' && edit.apex === apex) ?? {
        kind: 'facts',
        apex,
        serial: 1,
      },
  );

const SERVED: Edit = { kind: 'facts', apex: APEX, serial: 1 };

const editOf = fc.constantFrom(APEX, APEX, APEX, `a.${APEX}`).chain((apex): fc.Arbitrary<Edit> => {
  const owner = fc
    .array(fc.constantFrom('a', 'b', '*', 'c'), { maxLength: 4 })
    .map((labels) => [...labels, apex].join('.'));
  return fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        kind: fc.constant('put' as const),
        apex: fc.constant(apex),
        owner,
        type: fc.constantFrom('A', 'NS', 'DNAME', 'TXT', 'B'),
        value: fc.option(fc.nat(3), { freq: 2 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('facts' as const),
        apex: fc.constant(apex),
        serial: fc.nat(5),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'remove' as const, apex }) },
  );
});

const editsOf = fc.array(editOf, { size: 'max', maxLength: 60 }).map((edits): Edit[] => [SERVED, ...edits]);

test('any row of edits ends in the image that its outcome makes at once; one done twice is harmless', () => {
  fc.assert(
    fc.property(editsOf, (edits) => {
      const image = newImage();
      for (const edit of edits) {
        apply(image, edit);
        apply(image, edit);
      }
      const whole = outcomeOf(edits);
      assert.deepEqual(contentOf(image.memory), contentOf(imageAfter(whole).memory));
      const ends = shown(whole);
      for (const end of ends) apply(image, end);
      assert.deepEqual(contentOf(image.memory), contentOf(imageAfter([...whole, ...ends]).memory));
    }),
    { numRuns: 100 },
  );
});

test('a copy holds what it was made of, and no more words than live', () => {
  fc.assert(
    fc.property(editsOf, (edits) => {
      const image = imageAfter([...edits, ...shown(edits)]);
      const copy = newImage();
      copyAll(image, copy);
      assert.deepEqual(contentOf(copy.memory), contentOf(image.memory));
      const wordsOf = (writer: ImageWriter) =>
        Object.fromEntries([...writer.zones.values()].map(({ apex, liveWords }) => [apex, liveWords]));
      assert.deepEqual(wordsOf(copy), wordsOf(image));
      assert.ok(copy.liveWords <= image.liveWords);
    }),
    { numRuns: 100 },
  );
});

test('an image without room for an edit stays as it was, and a larger one takes it', () => {
  let refused = 0;
  fc.assert(
    fc.property(editsOf, fc.integer({ min: 900, max: 2_500 }), (edits, words) => {
      const image = newImage(words * 4);
      for (const edit of edits) {
        const before = contentOf(image.memory);
        try {
          apply(image, edit);
          continue;
        } catch (error) {
          assert.ok(error instanceof ImageFullError);
        }
        refused += 1;
        assert.deepEqual(contentOf(image.memory), before);
        image.space.enlarge(ROOM);
        assert.deepEqual(contentOf(image.memory), before);
        apply(image, edit);
      }
      const whole = outcomeOf(edits);
      assert.deepEqual(contentOf(image.memory), contentOf(imageAfter(whole).memory));
    }),
    { numRuns: 100 },
  );
  assert.ok(refused > 10, `only ${refused} edits found no room`);
});

test('where there is no room to take one of two record sets away, nothing is said to be on its way', () => {
  const image = imageAfter([SERVED]);
  for (const type of ['A', 'TXT']) image.put(APEX, `www.${APEX}`, type, valueOf(type, 1));
  image.space.take(image.space.free);
  const before = contentOf(image.memory);
  assert.throws(() => image.put(APEX, `www.${APEX}`, 'A', null), ImageFullError);
  assert.equal(image.space.words[Header.moves]! % 2, 0);
  assert.deepEqual(contentOf(image.memory), before);
});

test('empty non-terminals and wildcards come and go with the names below them', () => {
  const image = imageAfter([SERVED]);
  image.put(APEX, `*.x.y.${APEX}`, 'A', set(1));
  const full = contentOf(image.memory)[APEX]!.names;
  assert.deepEqual(Object.keys(full), [`*.x.y.${APEX}`, APEX, `x.y.${APEX}`, `y.${APEX}`].toSorted());
  assert.deepEqual(full[`x.y.${APEX}`]!.wildcard, full[`*.x.y.${APEX}`]!.sets);
  assert.deepEqual(full[`y.${APEX}`]!.sets, []);
  image.put(APEX, `*.x.y.${APEX}`, 'A', null);
  assert.deepEqual(Object.keys(contentOf(image.memory)[APEX]!.names), [APEX]);
});

test('cuts and DNAMEs are counted as they come and go; a wildcard is no cut, nor is the apex', () => {
  const image = imageOf(
    zoneOf(
      APEX,
      '@ NS ns1.example.org.\n* NS ns2.example.org.\nsub NS ns3.example.org.\nd DNAME example.org.',
    ),
  );
  const flags = () => {
    const { redirects, names } = contentOf(image.memory)[APEX]!;
    return [
      redirects,
      ...Object.entries(names).flatMap(([name, { flags }]) => (flags === 0 ? [] : [`${name} ${flags}`])),
    ];
  };
  assert.deepEqual(flags(), [2, `d.${APEX} 2`, `sub.${APEX} 1`]);
  image.put(APEX, `d.${APEX}`, 'NS', { kind: 'static', ttl: 1, rdata: ['ns.example.org.'] });
  image.put(APEX, `sub.${APEX}`, 'NS', null);
  assert.deepEqual(flags(), [1, `d.${APEX} 1`]);
  image.put(APEX, `d.${APEX}`, 'NS', null);
  assert.deepEqual(flags(), [1, `d.${APEX} 2`]);
  image.put(APEX, `d.${APEX}`, 'DNAME', null);
  assert.deepEqual(flags(), [0]);
});

test('a record that cannot be served is named and left out; what stood there before stays', () => {
  const problems: BuildProblem[] = [];
  const image = new ImageWriter(ROOM, (problem) => problems.push(problem));
  image.setFacts(APEX, facts(APEX));
  image.put(APEX, `www.${APEX}`, 'A', set(1));
  image.put(APEX, `other.${APEX}`, 'A', set(2));
  const before = contentOf(image.memory);
  image.put(APEX, `www.${APEX}`, 'A', { kind: 'static', ttl: 60, rdata: ['192.0.2.300'] });
  image.put(APEX, `www.${APEX}`, 'A', steeredSet([group('A', ['nowhere'])]));
  image.put(APEX, `www.${APEX}`, 'NONSENSE', set(1));
  image.put(APEX, `bad..${APEX}`, 'A', set(1));
  image.put(APEX, 'www.example.com', 'A', set(1));
  image.put(`bad..apex`, 'www.example.com', 'A', set(1));
  image.setFacts(APEX, facts(APEX, { primary: 'ns..example.net.' }));
  assert.deepEqual(
    problems.map(({ owner, type }) => `${owner} ${type}`),
    [
      'www.example.net A',
      'www.example.net A',
      'www.example.net NONSENSE',
      'bad..example.net A',
      'www.example.com A',
      'www.example.com A',
      'example.net SOA',
    ],
  );
  assert.ok(problems.every(({ reason }) => reason.length > 0));
  assert.deepEqual(contentOf(image.memory), before);
  image.put(APEX, `other.${APEX}`, 'A', set(3));
  assert.deepEqual(
    contentOf(image.memory),
    contentOf(imageWith([`www.${APEX}`, set(1)], [`other.${APEX}`, set(3)]).memory),
  );
});

function imageWith(...sets: readonly (readonly [string, RecordSet])[]): ImageWriter {
  return imageOf({
    apex: APEX,
    facts: facts(APEX),
    recordSets: sets.map(([owner, set]) => [`${owner}|A`, set] as const),
  });
}

test('a zone without facts is not served, and one that loses them is gone, and comes back without its old names', () => {
  const image = newImage();
  image.put(APEX, `www.${APEX}`, 'A', set(1));
  assert.deepEqual(contentOf(image.memory), {});
  image.setFacts(APEX, facts(APEX));
  assert.deepEqual(Object.keys(contentOf(image.memory)[APEX]!.names), [APEX, `www.${APEX}`]);
  image.removeZone(APEX);
  assert.deepEqual(contentOf(image.memory), {});
  assert.equal(image.liveWords, 0);
  image.removeZone(APEX);
  image.setFacts(APEX, facts(APEX));
  assert.deepEqual(Object.keys(contentOf(image.memory)[APEX]!.names), [APEX]);
  image.put(APEX, `new.${APEX}`, 'A', set(2));
  assert.deepEqual(contentOf(image.memory), contentOf(imageWith([`new.${APEX}`, set(2)]).memory));
});

test('names as deep and as long as there are, and the zones that begin at them', () => {
  const deep = 'a.'.repeat(127);
  const long = ['a', 'b', 'c'].map((letter) => letter.repeat(63)).join('.');
  const longest = `${'d'.repeat(61)}.${long}`; // 255 octets with lengths and root
  const image = newImage();
  for (const apex of [deep.slice(0, -1), longest, '.']) image.setFacts(apex, facts('example.net'));
  image.put('.', deep, 'TXT', valueOf('TXT', 1));
  image.put('.', longest, 'A', set(1));
  const content = contentOf(image.memory);
  assert.deepEqual(Object.keys(content).length, 3);
  const { names } = content['.']!;
  assert.equal(Object.keys(names).length, 1 + 127 + 4);
  assert.equal(names[longest]!.sets.length, 1);
  image.put('.', deep, 'TXT', null);
  image.put('.', longest, 'A', null);
  assert.deepEqual(Object.keys(contentOf(image.memory)['.']!.names).length, 1);
});

test('an RRset too long for a message, and many types at one name', () => {
  const image = newImage(2 ** 22);
  image.setFacts(APEX, facts(APEX));
  const text = 'x'.repeat(255);
  const rdata = Array.from({ length: 300 }, (_, i) => `${i} ${text}`);
  image.put(APEX, `long.${APEX}`, 'TXT', { kind: 'static', ttl: 60, rdata });
  const mx = Array.from({ length: 3_000 }, (_, i) => `${i} mail-host-${i}.example.com.`);
  image.put(APEX, `mail.${APEX}`, 'MX', { kind: 'static', ttl: 60, rdata: mx });
  for (let type = 65_280; type < 65_480; type += 1) {
    image.put(APEX, `many.${APEX}`, `TYPE${type}`, { kind: 'static', ttl: 60, rdata: ['\\# 1 00'] });
  }
  const { names } = contentOf(image.memory)[APEX]!;
  for (const [owner, records] of [
    ['long', 300],
    ['mail', 3_000],
  ] as const) {
    const [long] = names[`${owner}.${APEX}`]!.sets as {
      records: number;
      readyLength: number;
      plainLength: number;
    }[];
    assert.deepEqual([long!.records, long!.readyLength], [records, -1]);
    assert.ok(long!.plainLength > 65_535);
  }
  const types = (names[`many.${APEX}`]!.sets as { type: number }[]).map(({ type }) => type);
  assert.deepEqual(
    types,
    Array.from({ length: 200 }, (_, i) => 65_280 + i),
  );
  const copy = newImage(2 ** 22);
  copyAll(image, copy);
  assert.deepEqual(contentOf(copy.memory), contentOf(image.memory));
});

test('a policy is written once, however many names have it, and counts as gone when none has it', () => {
  const image = newImage(2 ** 22);
  image.setFacts(APEX, facts(APEX));
  image.put(APEX, `first.${APEX}`, 'A', valueOf('B', 0));
  const one = image.policies.words;
  for (let i = 0; i < 1_000; i += 1) image.put(APEX, `host${i}.${APEX}`, 'A', valueOf('B', 0));
  assert.equal(image.policies.words, one);
  image.put(APEX, `first.${APEX}`, 'A', valueOf('B', 1));
  assert.ok(image.policies.words > one);
  for (let i = 0; i < 1_000; i += 1) image.put(APEX, `host${i}.${APEX}`, 'A', valueOf('B', 1));
  assert.equal(image.policies.words, one);
});

test('a change leaves what was found before it as it was', () => {
  const image = imageWith([`www.${APEX}`, set(1)]);
  const { words } = image.space;
  const used = image.space.used;
  const before = words.slice(0, used);
  image.put(APEX, `www.${APEX}`, 'A', set(9));
  const changed = [...words.subarray(0, used).keys()].filter((at) => words[at] !== before[at]);
  // The slot of the name, and how far words are written: entries go into new words.
  assert.equal(changed.length, 2);
  assert.equal(changed[0], Header.end);
  image.put(APEX, `www.${APEX}`, 'A', null);
  const { names } = contentOf(image.memory)[APEX]!;
  assert.deepEqual(Object.keys(names), [APEX]);
});
