/**
 * What the garbage collector does under saturated load: the real authority with `--trace-gc`, one worker, one core.
 * `npm run bench:gc [-- --seconds 120]`; exit code 1 when there was a major collection or a wrong answer.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { seededDraw } from '@signpost/testkit/seeded-draw';

import { endOnSignal } from './end-on-signal.ts';
import { countCollections } from './gc/count-collections.ts';
import { describeMachine, machineLine } from './machine.ts';
import { compileNative } from './peers/compile-native.ts';
import { readCountryPrefixes } from './peers/country-prefixes.ts';
import { publicationsOfWorkload } from './peers/equivalent-configuration.ts';
import { pinnedTo, SERVER_CORE } from './peers/pinned.ts';
import { encodeQueryFile } from './peers/query-file.ts';
import { runLoad } from './peers/run-load.ts';
import { startAuthority } from './peers/start-authority.ts';
import { startStore } from './peers/start-store.ts';
import { drawClients } from './peers/workload.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, 'warm-up': { type: 'string', default: '5' } },
});
const [seconds, warmUpSeconds] = [Number(values.seconds), Number(values['warm-up'])];
if (!(seconds >= 1 && seconds <= 3_600 && warmUpSeconds >= 0.1 && warmUpSeconds <= 600)) {
  console.error('npm run bench:gc -- [--seconds 20] [--warm-up 5]: 1 to 3600, and 0.1 to 600');
  process.exit(2);
}

await using open = new AsyncDisposableStack();
endOnSignal(open);
const directory = await mkdtemp(join(tmpdir(), 'signpost-gc-'));
open.defer(() => rm(directory, { recursive: true, force: true }));
console.log(machineLine(describeMachine()));
const program = await compileNative('dns-load', directory);
const draw = seededDraw(6);
const clients = drawClients(readCountryPrefixes(), draw);
const queries = join(directory, 'queries');
await writeFile(queries, encodeQueryFile({ kind: 'weighted', clients }, draw));
const { url } = open.use(await startStore(publicationsOfWorkload(Date.now())));
const authority = open.use(
  await startAuthority({
    url,
    workers: 1,
    enter: pinnedTo(SERVER_CORE),
    flags: ['--trace-gc', '--trace-gc-nvp'],
  }),
);

console.log(`weighted answers with Client Subnet: ${warmUpSeconds} s to warm up, then ${seconds} s`);
await runLoad(authority, { program, queries, seconds: warmUpSeconds });
const before = authority.lines.length;
const { received, qps, wrongCount, complaint } = await runLoad(authority, { program, queries, seconds });
await wait(200); // for its last lines
const isolates = countCollections(authority.lines.slice(before));

console.log(`${received} answers, ${qps.toFixed(0)} a second, ${wrongCount} of them wrong`);
console.log('thread     minor    major   octets per answer   longest pause ms');
for (const [name, { minor, major, octets, overMs, longestMs }] of isolates) {
  // Below two collections nobody knows what was allocated, but that it is less than a young generation.
  const each = overMs === 0 ? 'too few' : (octets / ((qps * overMs) / 1_000)).toFixed(1);
  const cells = [String(minor).padStart(8), String(major).padStart(9), each.padStart(20)];
  console.log(`${name.padEnd(8)}${cells.join('')}${longestMs.toFixed(1).padStart(19)}`);
}
if (isolates.size === 0) console.log('no collection at all');
const majors = [...isolates.values()].reduce((sum, { major }) => sum + major, 0);
console.log(majors === 0 ? 'no major collection: holds' : `${majors} major collections: DOES NOT HOLD`);
if (wrongCount > 0) console.error(`WRONG ANSWERS\n${complaint}`);
if (majors > 0 || wrongCount > 0) process.exitCode = 1;
