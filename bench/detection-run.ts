/**
 * One kind of failure: kills all its targets at random phases of the interval, sees when each one's name changed its
 * answer at every authority, and lets all of them recover.
 */
import { setTimeout as wait } from 'node:timers/promises';

import { eventually } from '@signpost/testkit/eventually';
import type { SeededDraw } from '@signpost/testkit/seeded-draw';

import { AUTHORITIES, type BenchTarget, type DetectionCluster } from './detection-cluster.ts';
import type { FailureKind } from './detection-kinds.ts';

export interface Detection {
  readonly target: string;
  /** After the first possible kill: where in the interval it died. */
  readonly killedAtMs: number;
  /** From the kill to the changed answer, by authority; null: it did not change in time. */
  readonly changedAfterMs: readonly (number | null)[];
  /** Of the event that said so. */
  readonly reason: string;
}

export interface DetectionMeasures {
  readonly detections: readonly Detection[];
  /** The longest time in which the bench itself could not look. */
  readonly heldUpMs: number;
}

/** How often each name is asked at each authority, at most: what detection is measured by. */
export const ASK_EVERY_MS = 20;
/** While nothing is measured. */
const ASK_AT_LEISURE_MS = 250;
const PROGRESS_EVERY_MS = 2_000;

export interface DetectionRun {
  readonly kind: FailureKind;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly draw: SeededDraw;
  /** Told every two seconds. */
  readonly progress: (line: string) => void;
}

export async function measureDetection(
  cluster: DetectionCluster,
  run: DetectionRun,
): Promise<DetectionMeasures> {
  const { kind, intervalMs, timeoutMs } = run;
  const victims = cluster.targets.filter(({ scheme }) => scheme === kind.scheme);
  cluster.reasons.clear();
  cluster.watch.takeLongestPauseMs();
  const killedMs = new Map<BenchTarget, number>();
  const startedMs = performance.now();
  const giveUpMs = startedMs + 3 * intervalMs + 2 * timeoutMs + 10_000;
  const plan = groupsOf(victims, kind)
    .map((targets) => ({ targets, atMs: startedMs + run.draw() * intervalMs }))
    .toSorted((a, b) => a.atMs - b.atMs);
  let toldMs = startedMs;
  for (let pending = victims; pending.length > 0 && performance.now() < giveUpMs;) {
    while (plan[0] !== undefined && plan[0].atMs <= performance.now()) {
      const { targets } = plan.shift()!;
      for (const target of targets) killedMs.set(target, performance.now());
      inflict(kind, targets, cluster);
    }
    pending = victims.filter((target) => !killedMs.has(target) || !hasChanged(cluster, target));
    const asked = pending.filter((target) => killedMs.has(target)).map(({ number }) => number);
    cluster.watch.ask(new Set(asked), ASK_EVERY_MS);
    if (performance.now() > toldMs + PROGRESS_EVERY_MS) {
      toldMs = performance.now();
      run.progress(
        `${killedMs.size} of ${victims.length} killed, ${victims.length - pending.length} left the answers`,
      );
    }
    await wait(2);
  }
  const heldUpMs = cluster.watch.takeLongestPauseMs();
  // Answers may be quicker than events.
  await eventually(() => cluster.reasons.size >= victims.length, Boolean, { deadlineMs: 5_000 }).catch(
    () => {},
  );
  const detections = victims.map((target) => ({
    target: `t-${target.number}`,
    killedAtMs: killedMs.get(target)! - startedMs,
    changedAfterMs: changesOf(cluster, target).map((atMs) => atMs && atMs - killedMs.get(target)!),
    reason: cluster.reasons.get(`t-${target.number}`) ?? '',
  }));
  return { detections, heldUpMs };
}

/** Undoes what was inflicted, and waits until every vantage votes and sees every target well, and every name answers its target. */
export async function recoverAll(cluster: DetectionCluster, run: DetectionRun): Promise<void> {
  const victims = cluster.targets.filter(({ scheme }) => scheme === run.kind.scheme);
  for (const { process } of victims) process.thaw();
  for (const { process, address } of victims) {
    if (run.kind.means === 'drop-packets') cluster.network!.restore(address);
    else process.behave(address, 'well');
  }
  await untilSettled(cluster, 8 * run.intervalMs + 60_000);
}

export async function untilSettled(cluster: DetectionCluster, deadlineMs: number): Promise<void> {
  cluster.watch.ask(new Set(cluster.targets.map(({ number }) => number)), ASK_AT_LEISURE_MS);
  await eventually(
    async () => {
      const { targets, vantages } = await cluster.services.status();
      const mute = vantages.filter(({ state }) => state !== 'voting').map(({ vantage }) => vantage);
      const sick = targets
        .filter(({ monitor }) => monitor !== undefined)
        .filter(({ state, evidence }) => state !== 'up' || !evidence.every(isWell) || evidence.length < 3)
        .map(({ target, state }) => `${target} ${state}`);
      const away = cluster.targets.filter((target) => !isBack(cluster, target)).map(({ number }) => number);
      return [...mute, ...sick, ...away];
    },
    (unsettled) => unsettled.length === 0,
    { deadlineMs, pauseMs: 200, what: 'every vantage votes, every target is up and answered' },
  );
}

type StatusEvidence = Awaited<
  ReturnType<DetectionCluster['services']['status']>
>['targets'][number]['evidence'][number];

function isWell({ families, fresh }: StatusEvidence): boolean {
  return fresh && families.ipv4?.state === 'up';
}

/** Those that die at the same instant. */
function groupsOf(victims: readonly BenchTarget[], { means }: FailureKind): (readonly BenchTarget[])[] {
  if (means !== 'freeze-process') return victims.map((target) => [target]);
  return [...Map.groupBy(victims, ({ process }) => process).values()];
}

function inflict({ means }: FailureKind, targets: readonly BenchTarget[], cluster: DetectionCluster): void {
  if (means === 'freeze-process') return targets[0]!.process.freeze();
  for (const { process, address } of targets) {
    if (means === 'drop-packets') cluster.network!.drop(address);
    else process.behave(address, means);
  }
}

function hasChanged(cluster: DetectionCluster, target: BenchTarget): boolean {
  return changesOf(cluster, target).every((atMs) => atMs !== null);
}

function isBack({ watch }: DetectionCluster, { number, answer }: BenchTarget): boolean {
  return range(AUTHORITIES).every((authority) => watch.seen(authority, number)?.address === answer);
}

/** Since when each authority answers something else. */
function changesOf({ watch }: DetectionCluster, { number, answer }: BenchTarget): (number | null)[] {
  return range(AUTHORITIES).map((authority) => {
    const seen = watch.seen(authority, number);
    return seen === undefined || seen.address === answer ? null : seen.sinceMs;
  });
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
