/**
 * Gauges of thousands of series, as text for /metrics. OpenTelemetry takes about ten microseconds a series, all of
 * them in one go; a prober that stands still for a tenth of a second begins its probes late. Here a series is one
 * line, and the event loop turns between slices of them. Prometheus only.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

import { METRICS, type NameOf } from './metric-names.ts';

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ManySeries {
  add(name: NameOf<'gauge'>, read: () => Iterable<Series>): Disposable;
  /** What was read while it was asked for: a series that changes meanwhile is told as it was or as it is. */
  text(): Promise<string>;
}

const SLICE = 1_000;

export function manySeries(): ManySeries {
  const readers = new Set<{ name: NameOf<'gauge'>; read: () => Iterable<Series> }>();
  return {
    add: (name, read) => {
      const reader = { name, read };
      readers.add(reader);
      return { [Symbol.dispose]: () => void readers.delete(reader) };
    },
    text: async () => {
      const parts: string[] = [];
      for (const { name, read } of readers) {
        parts.push(`# HELP ${name} ${METRICS[name].help}\n# TYPE ${name} gauge\n`);
        let count = 0;
        for (const series of read()) {
          parts.push(line(name, series));
          count += 1;
          if (count % SLICE === 0) await nextTurn();
        }
      }
      return parts.join('');
    },
  };
}

function line(name: string, { labels, value }: Series): string {
  let text = '';
  for (const label in labels) text += `${text === '' ? '' : ','}${label}="${escaped(labels[label]!)}"`;
  return text === '' ? `${name} ${value}\n` : `${name}{${text}} ${value}\n`;
}

/** Prometheus' text format: backslash, quote and line feed within a label's value. */
function escaped(value: string): string {
  return /[\\"\n]/.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;
}
