/** What was measured as tables of medians, and what of the goals holds. Pure: returns lines. */
import type { Outcome } from './goals.ts';
import { LATENCY_CASE } from './measure-round.ts';
import { SERVERS } from './options.ts';
import { MIXES } from './prepare-workload.ts';
import type { LoadResult } from './run-load.ts';
import { type Case, median, type Samples } from './samples.ts';
import { KINDS } from './workload.ts';

export function measuredTables(samples: Samples): string[] {
  const lines: string[] = [];
  for (const mix of MIXES) {
    for (const kind of KINDS) {
      const which = { kind, mix, load: 'most' } as const;
      lines.push(
        `${kind}, ${mix === 'ecs' ? 'with' : 'without'} Client Subnet, at saturation`,
        ...table(samples, which, SATURATION),
        '',
      );
    }
  }
  lines.push(`plain, with Client Subnet, at half of each server's saturation`);
  return [...lines, ...table(samples, LATENCY_CASE, LATENCY)];
}

export function goalLines(outcomes: readonly Outcome[]): string[] {
  return outcomes.map(({ name, ratio, most }) => {
    const sign = ratio <= most ? 'holds' : 'DOES NOT HOLD';
    return `  ${name.padEnd(48)} ${ratio.toFixed(2).padStart(6)}  <= ${most.toFixed(2)}  ${sign}`;
  });
}

function table(samples: Samples, which: Case, columns: readonly Column[]): string[] {
  const lines = [row('', columns, ([head]) => head)];
  for (const server of SERVERS) {
    const results = samples.of(server, which);
    if (results.length > 0) lines.push(row(server, columns, ([, cell]) => cell(results)));
  }
  return lines;
}

function row(name: string, columns: readonly Column[], cellOf: (column: Column) => string): string {
  return `  ${name.padEnd(9)}${columns.map((column) => cellOf(column).padStart(10)).join('')}`;
}

/** Its heading, and what stands below it for the results of one server. */
type Column = readonly [head: string, cell: (results: readonly LoadResult[]) => string];

const FAULTS: readonly Column[] = [
  ['lost', sumOf(({ lost }) => lost)],
  ['wrong', sumOf(({ wrongCount }) => wrongCount)],
];
const SATURATION: readonly Column[] = [
  ['CPU us', middleOf(({ cpuUs }) => cpuUs, 2)],
  ['(least)', (results) => `(${Math.min(...results.map(({ cpuUs }) => cpuUs)).toFixed(2)})`],
  ['user', middleOf(({ userUs }) => userUs, 2)],
  ['system', middleOf(({ systemUs }) => systemUs, 2)],
  ['queries/s', middleOf(({ qps }) => qps, 0)],
  ['core %', middleOf(({ used, seconds }) => used.cpuUs / seconds / 10_000, 0)],
  ...FAULTS,
  ['scope', middleOf(({ meanScope }) => meanScope, 1)],
];
const LATENCY: readonly Column[] = [
  ['queries/s', middleOf(({ qps }) => qps, 0)],
  ['p50 us', middleOf(({ latencyUs }) => latencyUs.p50, 1)],
  ['p90 us', middleOf(({ latencyUs }) => latencyUs.p90, 1)],
  ['p99 us', middleOf(({ latencyUs }) => latencyUs.p99, 1)],
  ['CPU us', middleOf(({ cpuUs }) => cpuUs, 2)],
  ...FAULTS,
];

function middleOf(of: (result: LoadResult) => number, digits: number): Column[1] {
  return (results) => median(results.map(of)).toFixed(digits);
}

function sumOf(of: (result: LoadResult) => number): Column[1] {
  return (results) => String(results.reduce((all, result) => all + of(result), 0));
}
