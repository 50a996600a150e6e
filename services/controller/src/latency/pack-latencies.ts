/**
 * The aggregate -> the table that is published: what is shown, and nothing else, ordered for a binary search. Pure.
 * It must not estimate, nor write anywhere.
 */
import { rowCount, tenthsOf, type StoredLatencies } from '@signpost/contracts/stored-latencies';

import { ROW_KINDS, type LatencyAggregate, type RowKind } from './latency-aggregate.ts';
import type { LatencyRow } from './latency-rows.ts';

/** Rows x targets of a table: 4 MiB. Beyond it the prefixes used least recently are left out. */
const MOST_CELLS = 2 ** 21;

/** `atMs`: wall clock. */
export function packLatencies(
  { rows }: Pick<LatencyAggregate, 'rows'>,
  atMs: number,
  mostCells: number = MOST_CELLS,
): StoredLatencies {
  const shown: Record<RowKind, [number, LatencyRow][]> = {
    ipv4: shownRows(rows.ipv4.entries()),
    ipv6: shownRows(rows.ipv6.entries()),
    systems: shownRows(rows.systems.entries()),
    countries: shownRows(rows.countries.entries()),
  };
  const targets = shownTargets(Object.values(shown).flat());
  const wide = shown.systems.length + shown.countries.length;
  const room = Math.max(0, Math.floor(mostCells / Math.max(1, targets.length)) - wide);
  const share = Math.min(1, room / Math.max(1, shown.ipv4.length + shown.ipv6.length));
  shown.ipv4 = usedLast(shown.ipv4, share);
  shown.ipv6 = usedLast(shown.ipv6, share);
  for (const kind of ROW_KINDS) shown[kind].sort(([a], [b]) => a - b);
  const keysOf = (kind: RowKind): number[] => shown[kind].map(([key]) => key);
  const stored: StoredLatencies = {
    atMs,
    targets,
    ipv4: Uint32Array.from(keysOf('ipv4')),
    ipv6: Float64Array.from(keysOf('ipv6')),
    systems: Uint32Array.from(keysOf('systems')),
    countries: Uint32Array.from(keysOf('countries')),
    tenths: new Uint16Array(Object.values(shown).flat().length * targets.length),
  };
  fill(stored, shown);
  return stored;
}

export function isEmpty(stored: StoredLatencies): boolean {
  return rowCount(stored) === 0;
}

function fill({ targets, tenths }: StoredLatencies, shown: Record<RowKind, [number, LatencyRow][]>): void {
  const columns = new Map(targets.map((target, column) => [target, column]));
  let row = 0;
  for (const kind of ROW_KINDS) {
    for (const [, { estimates }] of shown[kind]) {
      for (const [target, { shownMs }] of estimates) {
        if (shownMs !== undefined) tenths[row * targets.length + columns.get(target)!] = tenthsOf(shownMs);
      }
      row += 1;
    }
  }
}

function shownRows(entries: Iterable<[number, LatencyRow]>): [number, LatencyRow][] {
  return [...entries].filter(([, { estimates }]) =>
    estimates.values().some(({ shownMs }) => shownMs !== undefined),
  );
}

function shownTargets(rows: readonly [number, LatencyRow][]): string[] {
  const targets = new Set<string>();
  for (const [, { estimates }] of rows) {
    for (const [target, { shownMs }] of estimates) if (shownMs !== undefined) targets.add(target);
  }
  return [...targets].toSorted();
}

function usedLast<Item>(items: Item[], share: number): Item[] {
  return items.slice(items.length - Math.floor(items.length * share));
}
