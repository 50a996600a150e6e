/** What was measured as tables of medians, and what of the goals holds. Pure: returns lines. */
import type { Outcome } from './goals.ts';
import { LATENCY_CASE } from './measure-round.ts';
import { type ServerName, SERVERS } from './options.ts';
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
        SATURATION_HEAD,
      );
      lines.push(...rows(samples, which, saturationRow), '');
    }
  }
  lines.push(`plain, with Client Subnet, at half of each server's saturation`, LATENCY_HEAD);
  lines.push(...rows(samples, LATENCY_CASE, latencyRow));
  return lines;
}

export function goalLines(outcomes: readonly Outcome[]): string[] {
  return outcomes.map(({ name, ratio, most }) => {
    const sign = ratio <= most ? 'holds' : 'DOES NOT HOLD';
    return `  ${name.padEnd(48)} ${ratio.toFixed(2).padStart(6)}  <= ${most.toFixed(2)}  ${sign}`;
  });
}

type Row = (results: readonly LoadResult[]) => readonly string[];

function rows(samples: Samples, which: Case, row: Row): string[] {
  return SERVERS.flatMap((server: ServerName) => {
    const results = samples.of(server, which);
    return results.length === 0 ? [] : [line(server, row(results))];
  });
}

const SATURATION_HEAD = line('', [
  'CPU us',
  '(least)',
  'user',
  'system',
  'queries/s',
  'lost',
  'wrong',
  'scope',
]);
const LATENCY_HEAD = line('', ['queries/s', 'p50 us', 'p90 us', 'p99 us', 'CPU us', 'lost', 'wrong']);

function saturationRow(results: readonly LoadResult[]): readonly string[] {
  const middle = medianOf(results);
  return [
    middle(({ cpuUs }) => cpuUs).toFixed(2),
    `(${Math.min(...results.map(({ cpuUs }) => cpuUs)).toFixed(2)})`,
    middle(({ userUs }) => userUs).toFixed(2),
    middle(({ systemUs }) => systemUs).toFixed(2),
    middle(({ qps }) => qps).toFixed(0),
    middle(({ used, seconds }) => used.cpuUs / seconds / 10_000).toFixed(0),
    ...faults(results),
    middle(({ meanScope }) => meanScope).toFixed(1),
  ];
}

function latencyRow(results: readonly LoadResult[]): readonly string[] {
  const middle = medianOf(results);
  return [
    middle(({ qps }) => qps).toFixed(0),
    middle(({ latencyUs }) => latencyUs.p50).toFixed(1),
    middle(({ latencyUs }) => latencyUs.p90).toFixed(1),
    middle(({ latencyUs }) => latencyUs.p99).toFixed(1),
    middle(({ cpuUs }) => cpuUs).toFixed(2),
    ...faults(results),
  ];
}

function faults(results: readonly LoadResult[]): readonly string[] {
  const sum = (of: (result: LoadResult) => number) =>
    String(results.reduce((all, result) => all + of(result), 0));
  return [sum(({ lost }) => lost), sum(({ wrongCount }) => wrongCount)];
}

function medianOf(results: readonly LoadResult[]): (of: (result: LoadResult) => number) => number {
  return (of) => median(results.map(of));
}

function line(name: string, cells: readonly string[]): string {
  return `  ${name.padEnd(9)}${cells.map((cell) => cell.padStart(10)).join('')}`;
}
