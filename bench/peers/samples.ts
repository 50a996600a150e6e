/** What was measured, by server and case, one entry for each round; and what stands in the middle of it. Pure. */
import type { LoadResult } from './run-load.ts';
import type { ServerName } from './options.ts';
import type { Mix } from './prepare-workload.ts';
import type { Kind } from './workload.ts';

export interface Case {
  readonly kind: Kind;
  readonly mix: Mix;
  /** `half`: at half of what the server took at most. */
  readonly load: 'most' | 'half';
}

export class Samples {
  readonly #results = new Map<string, LoadResult[]>();

  add(server: ServerName, which: Case, result: LoadResult): void {
    const key = keyOf(server, which);
    this.#results.set(key, [...(this.#results.get(key) ?? []), result]);
  }

  /** In the order of the rounds. */
  of(server: ServerName, which: Case): readonly LoadResult[] {
    return this.#results.get(keyOf(server, which)) ?? [];
  }

  all(): readonly LoadResult[] {
    return [...this.#results.values()].flat();
  }
}

function keyOf(server: ServerName, { kind, mix, load }: Case): string {
  return [server, kind, mix, load].join();
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)]!;
  return sorted.length === 0 ? NaN : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value that `part` of all are not above; of few values the one below. NaN of nothing. */
export function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? NaN;
}
