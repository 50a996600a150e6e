/**
 * How long a dead target is still answered: from the kill to the changed answer on every authority of a running
 * cluster, for each kind of failure at each interval. Method, noise and results: docs/detection.md.
 * `npm run bench:detection -- --kinds refused --interval 1s --targets 50`; without flags it is the whole table.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';

import { seededDraw } from '@signpost/testkit/seeded-draw';
import type { SignpostProcess } from '@signpost/testkit/start-process';

import { AUTHORITIES, startDetectionCluster, VANTAGES } from './detection-cluster.ts';
import type { FailureKind } from './detection-kinds.ts';
import { enterOwnNamespace } from './detection-network.ts';
import { readDetectionOptions, type DetectionOptions } from './detection-options.ts';
import {
  ASK_EVERY_MS,
  measureDetection,
  recoverAll,
  untilSettled,
  type DetectionMeasures,
} from './detection-run.ts';
import { rowOf, tableOf, type DetectionRow } from './detection-table.ts';
import { endOnSignal } from './end-on-signal.ts';

/** The default, or half of an interval that is too short for it. */
const timeoutFor = (intervalMs: number): number => Math.min(3_000, intervalMs / 2);

const options = readOptions();
const whyNoDrops = enterOwnNamespace();
const kinds = options.kinds.filter(({ means }) => whyNoDrops === undefined || means !== 'drop-packets');
if (whyNoDrops !== undefined) console.log(`${whyNoDrops}; the bench goes on without that`);
console.log(
  `${options.targets} targets of each kind, ${VANTAGES.length} vantages, ${AUTHORITIES} authorities, seed ${options.seed}; ` +
    `each name is asked every ${ASK_EVERY_MS} ms on each authority, which is the resolution`,
);

interface Measured extends DetectionMeasures {
  readonly row: DetectionRow;
  /** What the controller warned of meanwhile: a stall of a server, or of the machine, shows here. */
  readonly warnings: readonly string[];
}

await using all = new AsyncDisposableStack();
endOnSignal(all);
const measured: Measured[] = [];
const disturbances: {
  intervalMs: number;
  heldUpMs: number;
  quarantines: number;
  wrongAnswers: number;
}[] = [];
try {
  for (const intervalMs of options.intervalsMs) await measureInterval(intervalMs);
} finally {
  tell(); // also what was found before something went wrong
}

function tell(): void {
  const rows = measured.map(({ row }) => row);
  console.log(`\n${tableOf(rows)}\n`);
  for (const { intervalMs, heldUpMs, quarantines, wrongAnswers } of disturbances) {
    console.log(
      `at ${intervalMs / 1_000} s: this process was held up for ${heldUpMs.toFixed(0)} ms at most, ` +
        `${quarantines} quarantines, ${wrongAnswers} answers without an address`,
    );
  }
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify(wholeResult(), undefined, 1)}\n`);
  }
  if (rows.some(({ missed }) => missed > 0)) process.exitCode = 1;
}

function readOptions(): DetectionOptions {
  try {
    return readDetectionOptions(process.argv.slice(2));
  } catch (error) {
    console.error((error as Error).message);
    return process.exit(2);
  }
}

/** A cluster of its own, in which one kind of failure follows the other. */
async function measureInterval(intervalMs: number): Promise<void> {
  await using open = new AsyncDisposableStack();
  all.defer(() => open.disposeAsync());
  const timeoutMs = timeoutFor(intervalMs);
  const schemes = new Set(kinds.map(({ scheme }) => scheme));
  const cluster = await startDetectionCluster(
    { intervalMs, timeoutMs, schemes, targetsPerScheme: options.targets },
    open,
  );
  console.log(`interval ${intervalMs / 1_000} s, timeout ${timeoutMs / 1_000} s: the cluster runs`);
  await untilSettled(cluster, 5 * intervalMs + 60_000);
  // New checks are probed at once by all vantages, and their phases apart only from the second probe or the third.
  await wait(2 * intervalMs);
  const draw = seededDraw(options.seed);
  for (const kind of kinds) {
    const run = { kind, intervalMs, timeoutMs, draw, progress: progressOf(kind, intervalMs) };
    const { services } = cluster;
    const lines = services.controller.lines.length;
    const measures = await measureDetection(cluster, run);
    const row = rowOf(kind.name, intervalMs, measures.detections);
    const warnings = warningsSince(services.controller, lines);
    measured.push({ row, ...measures, warnings });
    for (const warning of warnings.slice(0, 5)) run.progress(`the controller said ${warning}`);
    run.progress(`median ${row.median?.toFixed(2)} s, maximum ${row.maximum?.toFixed(2)} s; all recover`);
    await recoverAll(cluster, run);
  }
  const heldUpMs = Math.max(
    ...measured.filter(({ row }) => row.intervalMs === intervalMs).map((one) => one.heldUpMs),
  );
  const wrongAnswers = cluster.watch.wrong;
  disturbances.push({ intervalMs, heldUpMs, quarantines: cluster.quarantines(), wrongAnswers });
}

function warningsSince({ lines }: SignpostProcess, from: number): readonly string[] {
  return lines.slice(from).filter((line) => /"level":"(warn|error|fatal)"|"not leading any more"/.test(line));
}

function progressOf({ name }: FailureKind, intervalMs: number): (line: string) => void {
  return (line) => console.log(`  ${name} at ${intervalMs / 1_000} s: ${line}`);
}

function wholeResult() {
  return {
    at: new Date().toISOString(),
    machine: { cpu: cpus()[0]?.model, cpus: availableParallelism(), node: process.version },
    seed: options.seed,
    vantages: VANTAGES,
    authorities: AUTHORITIES,
    resolutionMs: ASK_EVERY_MS,
    disturbances,
    results: measured.map(({ row, ...measures }) => ({ ...row, ...measures })),
  };
}
