/** For tests and benches alone: what one selection of a kind costs, in octets of heap and in time. */
import { createChance } from '../chance.ts';
import { createSelection, selectAnswer } from '../select-answer.ts';
import type { SelectionKind } from './selection-kinds.ts';

const CLIENTS = 1_023;
const DRAWS = Float64Array.from({ length: CLIENTS }, (_, index) => (index + 0.5) / CLIENTS);

const chance = createChance();
const selection = createSelection();

/** So many selections in a row. */
export function selectOften({ steering, seed, clients, latencies }: SelectionKind, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const at = i % CLIENTS;
    chance.seed = seed;
    chance.turn = i;
    chance.draw[0] = DRAWS[at]!;
    selectAnswer(steering, clients[at]!, chance, selection, latencies);
  }
}

/**
 * Octets by which the heap grows with each selection, the least of several rounds: compilation may fall into one, not
 * into all. Needs `--expose-gc`, and a young generation so large that no collection falls into a round.
 */
export function octetsPerSelection(kind: SelectionKind, count: number, rounds = 8): number {
  const collect = (globalThis as { gc?: () => void }).gc!;
  let least = Number.POSITIVE_INFINITY;
  // The first warms up and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    collect();
    const before = process.memoryUsage().heapUsed;
    selectOften(kind, count);
    const grown = process.memoryUsage().heapUsed - before;
    if (round > 0) least = Math.min(least, grown / count);
  }
  return least;
}

export function nanosecondsPerSelection(kind: SelectionKind, count: number): number {
  const start = process.hrtime.bigint();
  selectOften(kind, count);
  return Number(process.hrtime.bigint() - start) / count;
}
