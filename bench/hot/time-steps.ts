/**
 * What a step takes of the processor, which other work on the machine changes little, and what it leaves on the heap.
 * Needs `--expose-gc` and a young generation that holds a round.
 */
import { median } from '../peers/samples.ts';

export interface Cost {
  /** Median of the rounds. */
  readonly ns: number;
  readonly leastNs: number;
  /** The least of the rounds: compilation may fall into one, not into all. */
  readonly octets: number;
}

/** Does something once; `turn` counts up. */
export type Step = (turn: number) => void;

const TIMES = 50_000;
const WARM_UP_ROUNDS = 4;
const ROUNDS = 7;

/** All steps in interleaved rounds, so that what else the machine does falls on all alike. */
export function timeSteps(steps: ReadonlyMap<string, Step>): Map<string, Cost> {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) throw new Error('run it by "npm run bench:hot": it needs --expose-gc');
  const rounds = new Map([...steps.keys()].map((name) => [name, [] as { ns: number; octets: number }[]]));
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (const [name, step] of steps) {
      const taken = timeOnce(step, collect);
      if (round >= WARM_UP_ROUNDS) rounds.get(name)!.push(taken);
    }
  }
  return new Map(
    [...rounds].map(([name, taken]) => {
      const ns = taken.map((each) => each.ns);
      const octets = Math.max(0, Math.min(...taken.map((each) => each.octets)));
      return [name, { ns: median(ns), leastNs: Math.min(...ns), octets }];
    }),
  );
}

function timeOnce(step: Step, collect: () => void): { ns: number; octets: number } {
  collect();
  const before = process.memoryUsage().heapUsed;
  const start = threadMicroseconds();
  for (let turn = 0; turn < TIMES; turn += 1) step(turn);
  const microseconds = threadMicroseconds() - start;
  const octets = process.memoryUsage().heapUsed - before;
  return { ns: (microseconds * 1_000) / TIMES, octets: octets / TIMES };
}

function threadMicroseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
