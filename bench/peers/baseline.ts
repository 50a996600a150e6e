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

/** A line for each ratio that is more than `tolerance`, a part of it, above what it was. Pure. */
export function regressions(outcomes: readonly Outcome[], { ratios }: Baseline, tolerance: number): string[] {
  return outcomes.flatMap(({ name, ratio }) => {
    const before = ratios[name];
    if (before === undefined || ratio <= before * (1 + tolerance)) return [];
    return [
      `${name}: ${ratio.toFixed(2)}, was ${before.toFixed(2)} (tolerance ${(tolerance * 100).toFixed(0)} %)`,
    ];
  });
}

export function ratiosOf(outcomes: readonly Outcome[]): Record<string, number> {
  return Object.fromEntries(outcomes.map(({ name, ratio }) => [name, Number(ratio.toFixed(3))]));
}
