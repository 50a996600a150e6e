/**
 * Zone files with one oddity each are given to NSD, Knot, BIND and us: what most of them refuse we refuse, what most of
 * them serve we serve, or docs/differences.md says why not. `check-zone` says of each file what the server does with it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { RRType } from '@signpost/dns/constants';
import { parseName } from '@signpost/dns/name-text';
import { buildPacket } from '@signpost/dns/reference/build-packet';
import { loadZone } from '@signpost/dns/zone-file/load-zone';
import { repositoryRoot } from '@signpost/testkit/start-process';
import { scaled, showProgress } from '@signpost/testkit/test-scale';

import { askAll } from './ask-all.ts';
import { comparedAnswer } from './compare-answers.ts';
import { type OddZone, oddities, oddZone } from './generate-zone-files.ts';
import { type ServedFile, type ServerName, startNameServer } from './name-servers.ts';

const PEERS = ['nsd', 'knot', 'bind'] as const;
const SEED = 31_337;
const BATCH = oddities.length * 5;

/** Oddities of which most of the three think otherwise; each has its line in docs/differences.md. */
const AGAINST_MOST: readonly string[] = [
  'DS digest too short',
  'data below a DNAME',
  'escape above 255',
  'no NS',
  'relative $ORIGIN',
];

interface Tally {
  /** All three refuse it; and so do we. */
  illFormed: number;
  refused: number;
  /** All three serve it; and so do we. */
  wellFormed: number;
  served: number;
  /** Oddity -> whom of the four it is served by, for those on which not all agree. */
  readonly disputed: Map<string, string>;
  readonly againstMost: Set<string>;
}

test('odd zone files get the verdict of most of NSD, Knot and BIND', async (t) => {
  const count = oddities.length * scaled({ slice: 3, full: 50 });
  const tally: Tally = {
    illFormed: 0,
    refused: 0,
    wellFormed: 0,
    served: 0,
    disputed: new Map(),
    againstMost: new Set(),
  };
  const show = showProgress('odd zone files', count);
  for (let first = 0; first < count; first += BATCH) {
    const length = Math.min(BATCH, count - first);
    const zones = Array.from({ length }, (_, i) => oddZone(SEED, first + i));
    if (!(await judgeBatch(zones, tally)))
      return t.skip('no NSD, Knot or BIND here, nor may they be installed');
    show(first + length);
  }
  t.diagnostic(`of ${tally.illFormed} that all three refuse, we refuse ${tally.refused}`);
  t.diagnostic(`of ${tally.wellFormed} that all three serve, we serve ${tally.served}`);
  for (const [oddity, servers] of tally.disputed) t.diagnostic(`${oddity}: served by ${servers}`);
  assert.equal(tally.refused, tally.illFormed);
  assert.equal(tally.served, tally.wellFormed);
  assert.deepEqual([...tally.againstMost].toSorted(), AGAINST_MOST.toSorted());
});

test('the verdicts that we give against most of the others are those of docs/differences.md', () => {
  const text = readFileSync(join(repositoryRoot, 'docs/differences.md'), 'utf8');
  const listed = [...text.matchAll(/^- \*\*([^*]+)\*\*/gm)].map(([, oddity]) => oddity!);
  assert.deepEqual(listed.toSorted(), AGAINST_MOST.toSorted());
});

/** False when a peer is missing. */
async function judgeBatch(zones: readonly OddZone[], tally: Tally): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-odd-zones-'));
  try {
    const files: ServedFile[] = [];
    for (const { origin, text } of zones) {
      const file = join(directory, `${origin}zone`);
      await writeFile(file, text, 'latin1');
      files.push({ origin, file });
    }
    const servedBy = new Map<ServerName, readonly boolean[]>();
    for (const name of ['signpost', ...PEERS] as const) {
      const served = await servedZones(name, directory, files);
      if (served === undefined) return false;
      servedBy.set(name, served);
    }
    zones.forEach((zone, index) => {
      const verdicts = PEERS.map((peer) => servedBy.get(peer)![index]!);
      const ours = servedBy.get('signpost')![index]!;
      const checked = loadZone(zone.origin, files[index]!.file, (path) => readFileSync(path, 'utf8'));
      assert.equal(checked.mistakes.length === 0, ours, `check-zone of ${zone.oddity}:\n${zone.text}`);
      judge(zone.oddity, ours, verdicts, tally);
    });
    return true;
  } finally {
    await rm(directory, { recursive: true });
  }
}

function judge(oddity: string, ours: boolean, verdicts: readonly boolean[], tally: Tally): void {
  const count = verdicts.filter(Boolean).length;
  if (count === 0) {
    tally.illFormed += 1;
    if (!ours) tally.refused += 1;
  } else if (count === PEERS.length) {
    tally.wellFormed += 1;
    if (ours) tally.served += 1;
  } else {
    const servers = PEERS.filter((_, i) => verdicts[i]!);
    tally.disputed.set(oddity, [...servers, ...(ours ? ['us'] : [])].join(', '));
    if (count * 2 > PEERS.length !== ours) tally.againstMost.add(oddity);
  }
}

async function servedZones(
  name: ServerName,
  directory: string,
  files: readonly ServedFile[],
): Promise<boolean[] | undefined> {
  await using server = await startNameServer(name, directory, files);
  if (server === undefined) return undefined;
  const queries = files.map(({ origin }) =>
    buildPacket({ questions: [{ name: parseName(origin), type: RRType.SOA }] }),
  );
  const answers = (await askAll(queries, server.port)).map(comparedAnswer);
  return answers.map((answer) => answer?.rcode === 'NOERROR' && answer.answer.length === 1);
}
