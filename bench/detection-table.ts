/** What the detection bench found, as rows of a table. Pure. */
import type { Detection } from './detection-run.ts';

export interface DetectionRow {
  readonly kind: string;
  readonly intervalMs: number;
  /** Targets killed; `missed` of them kept being answered somewhere. */
  readonly killed: number;
  readonly missed: number;
  /** Seconds from the kill to the changed answer on every authority; null without any. */
  readonly median: number | null;
  readonly p90: number | null;
  readonly maximum: number | null;
  /** Shared by the most events, without who said it. */
  readonly reason: string;
}

export function rowOf(kind: string, intervalMs: number, detections: readonly Detection[]): DetectionRow {
  const seconds = detections
    .map(({ changedAfterMs }) => changedAfterMs)
    .filter((all): all is readonly number[] => !all.includes(null))
    .map((all) => Math.max(...all) / 1_000)
    .toSorted((a, b) => a - b);
  return {
    kind,
    intervalMs,
    killed: detections.length,
    missed: detections.length - seconds.length,
    median: quantile(seconds, 0.5),
    p90: quantile(seconds, 0.9),
    maximum: seconds.at(-1) ?? null,
    reason: mostCommon(detections.map(({ reason }) => reason.replace(/^down by .*?\): /, ''))),
  };
}

/** Nearest rank. */
function quantile(sorted: readonly number[], part: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? null;
}

function mostCommon(texts: readonly string[]): string {
  const counts = [...Map.groupBy(texts, (text) => text)].map(([text, { length }]) => ({ text, length }));
  return counts.toSorted((a, b) => b.length - a.length)[0]?.text ?? '';
}

/** What others need by the arithmetic of their settings at 10 s: no measurement. */
const REFERENCES = [
  { kind: 'gdnsd, defaults', seconds: 105, why: '10 failures 10 s apart, each up to its timeout of 5 s' },
  { kind: 'Route 53, fast', seconds: 36, why: '3 failures 10 s apart, and their timeout' },
];

/** Markdown. */
export function tableOf(rows: readonly DetectionRow[]): string {
  const cells = [
    ['failure', 'interval', 'n', 'median', 'p90', 'maximum', 'reason in the event'],
    ['---', '---', '---', '---', '---', '---', '---'],
    ...rows.map((row) => [
      row.kind,
      `${row.intervalMs / 1_000} s`,
      row.missed === 0 ? String(row.killed) : `${row.killed}, ${row.missed} missed`,
      ...[row.median, row.p90, row.maximum].map(inSeconds),
      row.reason,
    ]),
    ...REFERENCES.map(({ kind, seconds, why }) => [
      kind,
      '10 s',
      '-',
      '-',
      '-',
      `~${seconds} s`,
      `arithmetic: ${why}`,
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map(
      (row) =>
        `| ${row.map((cell, column) => cell.padEnd(widths[column]!, cell === '---' ? '-' : ' ')).join(' | ')} |`,
    )
    .join('\n');
}

function inSeconds(seconds: number | null): string {
  return seconds === null ? '-' : `${seconds.toFixed(2)} s`;
}
