/**
 * What record sets take of memory, with one worker and with two, and how soon a change of one of them is answered: by all
 * that is between its publication and an answer over UDP, and by the authority's part alone.
 * `npm run bench:memory [-- --full | --records 100000] [--kind static|steered]`; reading: README.md.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { endOnSignal } from './end-on-signal.ts';
import { describeMachine, machineLine } from './machine.ts';
import { KINDS, publicationsOf, type RecordKind } from './memory/many-records.ts';
import { type ChangeTime, timeChanges } from './memory/time-changes.ts';
import { timeVisible } from './memory/time-visible.ts';
import { median } from './peers/samples.ts';
import { startAuthority } from './peers/start-authority.ts';
import { type FilledStore, startStore } from './peers/start-store.ts';
import { usageOf } from './process-usage.ts';

const CHANGES = 51;
/** Until what loading left behind is collected, as far as it is. */
const SETTLE_MS = 3_000;

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    records: { type: 'string', default: '100000' },
    kind: { type: 'string', default: 'static' },
  },
});
const records = values.full ? 1_000_000 : Number(values.records);
const kind = KINDS.find((kind) => kind === values.kind);
if (kind === undefined || !(Number.isInteger(records) && records >= 1_000 && records <= 5_000_000)) {
  console.error('npm run bench:memory -- [--full | --records 1000..5000000] [--kind static|steered]');
  process.exit(2);
}

await using open = new AsyncDisposableStack();
endOnSignal(open);
console.log(machineLine(describeMachine()));
const few = await measure(1_000, kind, [1, 2]);
const many = await measure(records, kind, [1, 2]);

const visible = await timeVisible(records, kind, CHANGES);

const [one, two] = many.residentMiB as [number, number];
const perRecord = (mib: number) => ((mib * 2 ** 20) / records).toFixed(0);
console.log(`\n${records} record sets, ${kind}`);
console.log(
  `  one worker       ${one.toFixed(0)} MiB resident, ${few.residentMiB[0]!.toFixed(0)} with 1,000 record sets`,
);
console.log(
  `  two workers      ${two.toFixed(0)} MiB resident, ${few.residentMiB[1]!.toFixed(0)} with 1,000 record sets`,
);
console.log(
  `  a record set     ${perRecord(one - few.residentMiB[0]!)} octets, and ${perRecord(two - one - (few.residentMiB[1]! - few.residentMiB[0]!))} for each worker more`,
);
console.log(`  of that the image  ${visible.octetsPerSet.toFixed(0)} octets, once for all workers`);
console.log(
  `  loaded in        ${many.loadedMs.map((ms) => (ms / 1_000).toFixed(1)).join(' and ')} s, process start included`,
);
console.log(`  written in       ${(visible.writtenMs / 1_000).toFixed(1)} s of that, into the image`);
printChanges('with 1,000 record sets', few.changes);
printChanges(`with ${records} record sets`, many.changes);
console.log(`the part of the authority alone, with ${records} record sets`);
console.log(`  main thread has it -> answered     ${middle(visible.changesMs)}`);
console.log(`  written into the image             ${middle(visible.appliedMs)}`);

interface Measures {
  /** For each count of workers. */
  readonly residentMiB: readonly number[];
  readonly loadedMs: readonly number[];
  /** With the first of them. */
  readonly changes: readonly ChangeTime[];
}

async function measure(count: number, of: RecordKind, workerCounts: readonly number[]): Promise<Measures> {
  console.log(`filling a store with ${count} record sets`);
  await using store = await startStore(publicationsOf(count, of, Date.now()));
  const [residentMiB, loadedMs]: [number[], number[]] = [[], []];
  let changes: readonly ChangeTime[] = [];
  for (const workers of workerCounts) {
    const startMs = performance.now();
    await using authority = await startAuthority({ url: store.url, workers });
    loadedMs.push(performance.now() - startMs);
    await wait(SETTLE_MS);
    residentMiB.push(usageOf(authority.pid).residentMiB);
    console.log(
      `${workers} worker${workers === 1 ? '' : 's'}: ${residentMiB.at(-1)!.toFixed(0)} MiB resident`,
    );
    if (changes.length === 0) changes = await timeChangesOf(store, authority.port);
  }
  return { residentMiB, loadedMs, changes };
}

/** The first one is not counted: what it runs is not compiled yet. */
async function timeChangesOf(store: FilledStore, port: number): Promise<readonly ChangeTime[]> {
  return (await timeChanges(store, port, CHANGES + 1)).slice(1);
}

function printChanges(title: string, changes: readonly ChangeTime[]): void {
  const told = (of: (change: ChangeTime) => number) => middle(changes.map(of));
  console.log(`a change of one record set, ${title}, ${changes.length} times`);
  console.log(`  publication called -> answered     ${told(({ sincePublishMs }) => sincePublishMs)}`);
  console.log(`  Redis confirmed -> answered        ${told(({ sinceConfirmedMs }) => sinceConfirmedMs)}`);
  console.log(`  longest time without an answer     ${told(({ longestGapMs }) => longestGapMs)}`);
}

function middle(all: readonly number[]): string {
  return `median ${median(all).toFixed(3)} ms, most ${Math.max(...all).toFixed(3)} ms`;
}
