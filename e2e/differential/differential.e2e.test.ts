/**
 * NSD, Knot and BIND serve the same generated zones as we do and are asked the same questions: every answer is the
 * same, or differs for a reason that docs/differences.md gives.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { typeCode } from '@signpost/dns/constants';
import { parseNameKeepingCase } from '@signpost/dns/name-text';
import { buildPacket, optRecord } from '@signpost/dns/reference/build-packet';
import { repositoryRoot } from '@signpost/testkit/start-process';
import { scaled, showProgress } from '@signpost/testkit/test-scale';

import { askAll } from './ask-all.ts';
import { type ComparedAnswer, comparedAnswer, sameAnswer } from './compare-answers.ts';
import { explainDifference, REASONS, type Reason, sidesWith } from './explain-difference.ts';
import { type HardZone, hardZones } from './generate-zones.ts';
import { type ServedFile, type ServerName, startNameServer } from './name-servers.ts';

const PEERS = ['nsd', 'knot', 'bind'] as const;
const BATCH = 500;
const SEED = 20_261;

interface Tally {
  questions: number;
  /** All three serve the zone and gave one answer. */
  agreedByPeers: number;
  /** And ours was that one. */
  agreed: number;
  /** Questions to which at least three of the four gave one answer, and how often each server's was that one. */
  majority: number;
  readonly withMajority: Map<string, number>;
  readonly reasons: Map<string, number>;
  readonly unexplained: string[];
}

test('the reasons for differences are those of docs/differences.md', () => {
  const text = readFileSync(join(repositoryRoot, 'docs/differences.md'), 'utf8');
  const headings = [...text.matchAll(/^## `([a-z-]+)`/gm)].map(([, heading]) => heading);
  assert.deepEqual(headings, [...REASONS]);
});

test('generated zones are answered as NSD, Knot and BIND answer them', async (t) => {
  const worlds = scaled({ slice: 200, full: 5_000 });
  const tally: Tally = {
    questions: 0,
    agreedByPeers: 0,
    agreed: 0,
    majority: 0,
    withMajority: new Map(),
    reasons: new Map(),
    unexplained: [],
  };
  const show = showProgress('differential, zone sets', worlds);
  for (let first = 0; first < worlds; first += BATCH) {
    const count = Math.min(BATCH, worlds - first);
    const zones = Array.from({ length: count }, (_, i) => hardZones(SEED, first + i)).flat();
    if (!(await compareBatch(t, zones, tally)))
      return t.skip('no NSD, Knot or BIND here, nor may they be installed');
    show(first + count, `${tally.unexplained.length} unexplained`);
  }
  const { questions, agreedByPeers, agreed, reasons } = tally;
  t.diagnostic(`${questions} questions; the peers agree on ${agreedByPeers}, and we with them on ${agreed}`);
  const shares = [...tally.withMajority].map(
    ([server, count]) => `${server} ${((100 * count) / tally.majority).toFixed(2)} %`,
  );
  t.diagnostic(`of ${tally.majority} answers that three of four agree on: ${shares.join(', ')}`);
  t.diagnostic(`differences explained: ${JSON.stringify(Object.fromEntries(reasons))}`);
  assert.equal(agreed, agreedByPeers, 'what all three agree on is our answer');
  assert.deepEqual(tally.unexplained.slice(0, 8), [], `${tally.unexplained.length} unexplained`);
});

/** False when a peer is missing. */
async function compareBatch(t: TestContext, zones: readonly HardZone[], tally: Tally): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-differential-'));
  try {
    const served: ServedFile[] = [];
    for (const { origin, text } of zones) {
      const file = join(directory, `${origin}zone`);
      await writeFile(file, text);
      served.push({ origin, file });
    }
    const queries = zones.flatMap((zone) =>
      [{ name: zone.origin, type: 'SOA' }, ...zone.questions].map((question, i) =>
        packetOf(question, i % 3 > 0),
      ),
    );
    const ours = await answersOf('signpost', directory, served, queries);
    const theirs = new Map<ServerName, readonly (ComparedAnswer | undefined)[]>();
    for (const peer of PEERS) {
      const answers = await answersOf(peer, directory, served, queries);
      if (answers === undefined) return false;
      theirs.set(peer, answers);
    }
    compare(zones, ours!, theirs, tally);
    return true;
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function answersOf(
  name: ServerName,
  directory: string,
  served: readonly ServedFile[],
  queries: readonly Uint8Array[],
): Promise<(ComparedAnswer | undefined)[] | undefined> {
  await using server = await startNameServer(name, directory, served);
  if (server === undefined) return undefined;
  return (await askAll(queries, server.port)).map(comparedAnswer);
}

function packetOf({ name, type }: HardZone['questions'][number], hasEdns: boolean): Uint8Array {
  const question = { name: parseNameKeepingCase(name), type: typeCode(type)! };
  return buildPacket({ questions: [question], additional: hasEdns ? [optRecord([])] : [] });
}

/** The answers stand zone by zone, each zone's SOA first. */
function compare(
  zones: readonly HardZone[],
  ours: readonly (ComparedAnswer | undefined)[],
  theirs: ReadonlyMap<ServerName, readonly (ComparedAnswer | undefined)[]>,
  tally: Tally,
): void {
  const origins = new Set(zones.map(({ origin }) => origin.slice(0, -1)));
  let at = 0;
  for (const zone of zones) {
    const soaAt = at;
    assert.equal(ours[soaAt]?.answer.length, 1, `${zone.origin} is served`);
    const peers = PEERS.filter((peer) => theirs.get(peer)![soaAt]?.answer.length === 1);
    for (const peer of PEERS) if (!peers.includes(peer)) note(tally.reasons, `zone refused by ${peer}`);
    zone.questions.forEach(({ name, type }, i) => {
      const index = soaAt + 1 + i;
      const our = ours[index];
      const differing = peers.filter((peer) => !sameAnswer(theirs.get(peer)![index], our));
      const [first, ...rest] = peers.map((peer) => theirs.get(peer)![index]);
      const isAgreed = peers.length === PEERS.length && rest.every((other) => sameAnswer(first, other));
      tally.questions += 1;
      if (isAgreed) tally.agreedByPeers += 1;
      if (isAgreed && differing.length === 0) tally.agreed += 1;
      if (peers.length === PEERS.length)
        countMajority(tally, [our, ...peers.map((peer) => theirs.get(peer)![index])]);
      for (const peer of differing) {
        const their = theirs.get(peer)![index];
        const others = peers.filter((other) => other !== peer).map((other) => theirs.get(other)![index]);
        const hasAlly = our !== undefined && others.some((other) => sidesWith(our, other));
        const reason =
          our && explainDifference({ peer, qtype: type, ours: our, theirs: their, origins, hasAlly });
        if (reason !== undefined) note(tally.reasons, `${peer} ${reason satisfies Reason}`);
        else
          tally.unexplained.push(
            `${name} ${type}: ${peer} ${shown(their)}\nours ${shown(our)}\n${zone.text}`,
          );
      }
    });
    at += 1 + zone.questions.length;
  }
}

/** `answers` in the order of the servers, ours first. */
function countMajority(tally: Tally, answers: readonly (ComparedAnswer | undefined)[]): void {
  const isMajority = (answer: ComparedAnswer | undefined) =>
    answers.filter((other) => sameAnswer(answer, other)).length >= 3;
  if (!answers.some(isMajority)) return;
  tally.majority += 1;
  answers.forEach((answer, i) => {
    if (isMajority(answer)) note(tally.withMajority, ['signpost', ...PEERS][i]!);
  });
}

function note(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

function shown(answer: ComparedAnswer | undefined): string {
  return JSON.stringify(answer);
}
