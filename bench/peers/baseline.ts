/** The ratios of an earlier run, stored beside the bench, and what became worse since. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Machine } from '../machine.ts';
import type { Outcome } from './goals.ts';

export interface Baseline {
  readonly date: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly seconds: number;
  /** By the name of the goal. */
  readonly ratios: Readonly<Record<string, number>>;
}

const FILE = join(import.meta.dirname, '../baselines/peers.json');

export async function saveBaseline(baseline: Baseline): Promise<string> {
  await mkdir(dirname(FILE), { recursive: true });
  await writeFile(FILE, `${JSON.stringify(baseline, undefined, 2)}\n`);
  return FILE;
}

/** Throws when there is none. */
export async function readBaseline(): Promise<Baseline> {
  return JSON.parse(await readFile(FILE, 'utf8')) as Baseline;
}

/**
 * A line for each ratio that three quarters of the rounds have more than `tolerance`, a part of it, above what it was:
 * on a busy machine the median alone moves that far without a reason. Pure.
 */
export function regressions(outcomes: readonly Outcome[], { ratios }: Baseline, tolerance: number): string[] {
  return outcomes.flatMap(({ name, ratio, lowRatio }) => {
    const before = ratios[name];
    if (before === undefined || lowRatio <= before * (1 + tolerance)) return [];
    const percent = (tolerance * 100).toFixed(0);
    return [`${name}: ${ratio.toFixed(2)}, was ${before.toFixed(2)} (tolerance ${percent} %)`];
  });
}

export function ratiosOf(outcomes: readonly Outcome[]): Record<string, number> {
  return Object.fromEntries(outcomes.map(({ name, ratio }) => [name, Number(ratio.toFixed(3))]));
}
