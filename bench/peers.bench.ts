/**
 * The query path beside its peers: gdnsd, Knot and PowerDNS with their geo modules, NSD without, and a bare echo of
 * UDP, all under the same load in interleaved rounds on one core. Method and reading: README.md.
 * `npm run bench:peers [-- --rounds 7 --seconds 2 --only ours,gdnsd --check --save]`; exit code 1 when an answer was
 * wrong, or with `--check` when a ratio is worse than the stored one.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { endOnSignal } from './end-on-signal.ts';
import { describeMachine, machineLine } from './machine.ts';
import { ratiosOf, readBaseline, regressions, saveBaseline } from './peers/baseline.ts';
import { startContestants } from './peers/contestants.ts';
import { judgeGoals } from './peers/goals.ts';
import { measureRound, warmUp } from './peers/measure-round.ts';
import { readPeersOptions } from './peers/options.ts';
import { prepareWorkload } from './peers/prepare-workload.ts';
import { Samples } from './peers/samples.ts';
import { goalLines, measuredTables } from './peers/tables.ts';

const options = readPeersOptions(process.argv.slice(2));
const { rounds, seconds, warmUpSeconds, only, check, save, tolerance } = options;
const baseline = check ? await readBaseline() : undefined;

await using open = new AsyncDisposableStack();
endOnSignal(open);
const directory = await mkdtemp(join(tmpdir(), 'signpost-peers-'));
open.defer(() => rm(directory, { recursive: true, force: true }));

const machine = describeMachine();
console.log(machineLine(machine));
console.log('preparing queries, database and servers');
const workload = await prepareWorkload(directory);
const contestants = await startContestants(only, directory, workload, open, console.log);
console.log(`warming up ${contestants.map(({ name }) => name).join(', ')}`);
if (warmUpSeconds > 0) await warmUp({ contestants, workload, seconds: warmUpSeconds });

const samples = new Samples();
const startMs = performance.now();
for (let round = 0; round < rounds; round += 1) {
  await measureRound({ contestants, workload, seconds }, round, samples);
  const cpu = contestants.map(({ name }) => {
    const { cpuUs } = samples.of(name, { kind: 'plain', mix: 'ecs', load: 'most' }).at(-1)!;
    return `${name} ${cpuUs.toFixed(1)}`;
  });
  const leftSeconds = ((performance.now() - startMs) / (round + 1) / 1_000) * (rounds - round - 1);
  console.log(
    `round ${round + 1} of ${rounds}, CPU us: ${cpu.join(', ')}; ${leftSeconds.toFixed(0)} s to go`,
  );
}

const outcomes = judgeGoals(samples);
console.log(`\n${measuredTables(samples).join('\n')}\n`);
console.log(`goals, medians of ${rounds} rounds of ${seconds} s, load average ${describeMachine().load}`);
console.log(goalLines(outcomes).join('\n'));

const wrong = samples.all().filter(({ wrongCount }) => wrongCount > 0);
if (wrong.length > 0) {
  console.error(`\nWRONG ANSWERS: what was measured is worth nothing.\n${wrong[0]!.complaint}`);
  process.exitCode = 1;
}
if (save && wrong.length === 0) {
  const date = new Date().toISOString().slice(0, 10);
  const saved = { date, machine: describeMachine(), rounds, seconds, ratios: ratiosOf(outcomes) };
  console.log(`stored in ${await saveBaseline(saved)}`);
}
if (baseline !== undefined) {
  const worse = regressions(outcomes, baseline, tolerance);
  console.log(`\ncompared with ${baseline.date}, ${machineLine(baseline.machine)}`);
  console.log(worse.length === 0 ? 'nothing is worse' : `WORSE:\n  ${worse.join('\n  ')}`);
  if (worse.length > 0) process.exitCode = 1;
}
