/** Histograms and counters out of Prometheus' text format, as far as the benches need it. */

export interface Histogram {
  /** Upper bounds, the last one Infinity, and how many were at most that. */
  readonly bounds: readonly number[];
  readonly upTo: readonly number[];
}

export function histogramOf(text: string, name: string): Histogram {
  const found = [...text.matchAll(new RegExp(`^${name}_bucket\\{.*?le="([^"]+)"\\} (\\S+)`, 'gm'))];
  return {
    bounds: found.map(([, bound]) => (bound === '+Inf' ? Infinity : Number(bound))),
    upTo: found.map(([, , count]) => Number(count)),
  };
}

export function minus(after: Histogram, before: Histogram): Histogram {
  return { bounds: after.bounds, upTo: after.upTo.map((count, i) => count - (before.upTo[i] ?? 0)) };
}

/** The bound that so large a part is not above. */
export function quantileBound({ bounds, upTo }: Histogram, part: number): number {
  const wanted = (upTo.at(-1) ?? 0) * part;
  return bounds[upTo.findIndex((count) => count >= wanted)] ?? NaN;
}

/** The sum over all labels that match. */
export function counterOf(text: string, name: string, labels = ''): number {
  const lines = text.matchAll(new RegExp(`^${name}(?:\\{[^}]*${labels}[^}]*\\})? (\\S+)`, 'gm'));
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}
