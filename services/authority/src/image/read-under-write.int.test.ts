/**
 * Two worker threads read an image while this one writes it without pause: no answer is of two versions, none is of an
 * older one than the worker had before, and no name that nobody touched is missing. What that rests on: `layout.ts`.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MessageChannel, Worker } from 'node:worker_threads';

import type { Generation } from '@signpost/contracts/brands';
import type { Publication, RecordChange } from '@signpost/contracts/publication';
import type { RecordSet } from '@signpost/contracts/record-set';
import { scaled, showProgress } from '@signpost/testkit/test-scale';

import {
  type AskedName,
  type ReadingReply,
  type ReadingRequest,
  type ReadingStart,
  versionedAddresses,
} from '../testing/reading-worker.ts';
import { facts, group, steeredSet } from '../testing/sample-zone.ts';
import type { ImageMemory } from './layout.ts';
import { RecordImage } from './record-image.ts';

const APEX = 'example.net';
const READERS = 2;
/** Small: it is full, or more is gone than there, again and again. */
const ROOM = { first: 2 ** 19, most: 2 ** 24 };
const CHANGES = scaled({ slice: 5_000, full: 1_000_000 });
const ANSWERS = scaled({ slice: 50_000, full: 5_000_000 });
const GENERATION = 1 as Generation;

/** Series of versions, by what is asked. */
const Series = { still: 1, fixed: 2, steered: 3, comes: 4, star: 5, wild: 6, switches: 7 } as const;

const names: AskedName[] = [
  ...Array.from({ length: 8 }, (_, i): AskedName => ({
    name: `still-${i}.${APEX}`,
    may: ['versions'],
    series: [Series.still],
  })),
  { name: `fixed.${APEX}`, may: ['versions'], series: [Series.fixed] },
  { name: `alias.${APEX}`, may: ['versions'], series: [Series.fixed] },
  { name: `steered.${APEX}`, may: ['versions'], series: [Series.steered] },
  // An alias, or addresses, in one publication.
  { name: `switches.${APEX}`, may: ['versions'], series: [Series.fixed, Series.switches] },
  // It comes and goes, and else the wildcard of the zone answers.
  { name: `comes.${APEX}`, may: ['versions'], series: [Series.comes, Series.star] },
  // So does this one, with all names above it.
  { name: `comes.and.goes.${APEX}`, may: ['versions'], series: [Series.comes, Series.star] },
  // A zone cut that comes and goes; else the wildcard.
  { name: `below.a.cut.${APEX}`, may: ['versions', 'referral'], series: [Series.star] },
  { name: `a.cut.${APEX}`, may: ['versions', 'referral'], series: [Series.star] },
  { name: `anything.${APEX}`, may: ['versions'], series: [Series.star] },
  { name: `anything.wild.${APEX}`, may: ['versions', 'nxdomain'], series: [Series.wild] },
  { name: `nothing.still-0.${APEX}`, may: ['nxdomain'], series: [] },
];

function setOf(series: number, version: number): RecordSet {
  const addresses = versionedAddresses(series, version, 1 + (version % 20));
  if (series !== Series.steered) return { kind: 'static', ttl: 60, rdata: addresses };
  const few = addresses
    .slice(0, 4)
    .map((address) =>
      address.replace(/:[^:]+:([^:]+)$/, `:${Math.min(4, addresses.length).toString(16)}:$1`),
    );
  return steeredSet([group('AAAA', few, { select: few.length })]);
}

const ALIAS: RecordSet = { kind: 'static', ttl: 60, rdata: [`fixed.${APEX}.`] };

const change = (owner: string, after: RecordSet | null, type = 'AAAA'): RecordChange => ({
  zone: APEX,
  owner: `${owner}.${APEX}`,
  type,
  before: null,
  after,
});

/** What changes as number `version`; each kind of change in its turn, and all of it with the names that fill the table. */
function changesOf(version: number): RecordChange[] {
  switch (version % 6) {
    case 0:
      return [change('fixed', setOf(Series.fixed, version))];
    case 1:
      return [change('steered', setOf(Series.steered, version))];
    case 2: {
      const isThere = version % 12 === 2;
      return [
        change('switches', isThere ? null : ALIAS, 'CNAME'),
        change('switches', isThere ? setOf(Series.switches, version) : null),
        change('comes', isThere ? setOf(Series.comes, version) : null),
        change('comes.and.goes', isThere ? setOf(Series.comes, version) : null),
      ];
    }
    case 3:
      return [change('*', setOf(Series.star, version))];
    case 4:
      return [
        change(
          'a.cut',
          version % 12 === 4 ? { kind: 'static', ttl: 60, rdata: ['ns.example.org.'] } : null,
          'NS',
        ),
        change('*.wild', version % 12 === 4 ? setOf(Series.wild, version) : null),
      ];
    default:
      // Some hundreds of names at a time, so that the slots are not enough; they go one by one.
      return version % 600 === 5
        ? Array.from({ length: 500 }, (_, i) => change(`more-${i}`, setOf(Series.still, 1)))
        : [change(`more-${((version / 6) | 0) % 500}`, null)];
  }
}

const publication = (changes: RecordChange[], zones: Publication['zones'] = {}): Publication => ({
  base: GENERATION,
  generation: GENERATION,
  atMs: 0,
  why: [],
  changes,
  zones,
});

class Reader {
  readonly #worker: Worker;
  readonly #port;
  reply: ReadingReply = { wrong: undefined, seen: {} };

  constructor(memory: ImageMemory, answers: Int32Array, number: number) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const start: ReadingStart = { names, memory, port: port2, answers, number };
    const file = new URL('../testing/reading-worker.ts', import.meta.url);
    this.#worker = new Worker(file, { workerData: start, transferList: [port2] });
  }

  async ask(request: ReadingRequest): Promise<void> {
    const replied = once(this.#port, 'message');
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#port.postMessage(request);
    [this.reply] = (await replied) as [ReadingReply];
    assert.equal(this.reply.wrong, undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

async function writeWhileRead(t: TestContext): Promise<void> {
  const answers = new Int32Array(new SharedArrayBuffer(4 * READERS));
  const readers: Reader[] = [];
  t.after(() => Promise.all(readers.map((reader) => reader[Symbol.asyncDispose]())));
  let images = 0;
  const image = new RecordImage({
    publish: async (memory) => {
      images += 1;
      await Promise.all(readers.map((reader) => reader.ask(memory)));
      while (readers.length < READERS) readers.push(new Reader(memory, answers, readers.length));
    },
    onProblem: (problem) => assert.fail(JSON.stringify(problem)),
    room: ROOM,
  });
  await image.begin();
  const still = Array.from({ length: 8 }, (_, i) => change(`still-${i}`, setOf(Series.still, 5)));
  const alias = change('alias', ALIAS, 'CNAME');
  const first = [0, 1, 2, 3].flatMap((version) => changesOf(version));
  const wild = change('wild', { kind: 'static', ttl: 60, rdata: ['stays'] }, 'TXT');
  await image.catchUp(publication([...still, alias, wild, ...first], { [APEX]: facts(APEX) }));
  await image.swap(GENERATION);

  const progress = showProgress('changes under readers', CHANGES);
  const least = () => Math.min(...Array.from(answers));
  let changes = 4;
  for (; changes < CHANGES || least() < ANSWERS; changes += 1) {
    assert.ok(changes < 100 * CHANGES, `readers gave only ${least()} answers`);
    await image.apply([
      publication(
        changesOf(changes),
        changes % 100 === 0 ? { [APEX]: facts(APEX, { serial: changes }) } : {},
      ),
    ]);
    if (changes % 16 === 0) await nextTurn();
    progress(Math.min(changes, CHANGES));
  }
  for (const reader of readers) await reader.ask('end');
  for (const { reply } of readers) {
    t.diagnostic(`${changes} changes in ${images} images; ${JSON.stringify(reply.seen)}`);
    assert.deepEqual(Object.keys(reply.seen).toSorted(), ['nxdomain', 'referral', 'versions']);
  }
  assert.ok(images >= scaled({ slice: 5, full: 50 }), `only ${images} images`);
}

test(
  'no answer is of two versions, nor of an older one than before, and what nobody touches is always there',
  writeWhileRead,
);
