/** Sums over seconds of a recording, from one until before another. Pure. */
import type { RecordedTarget, Recording } from './recorder.ts';

/** Of all requests in these seconds, what the targets have. */
export function meanShare(
  own: readonly RecordedTarget[],
  recording: Recording,
  from: number,
  until: number,
): number {
  const all = sumOf(recording.targets, from, until) + sumIn(recording.unanswered, from, until);
  return all === 0 ? 0 : sumOf(own, from, until) / all;
}

export function sumOf(targets: readonly RecordedTarget[], from: number, until: number): number {
  return targets.reduce((sum, { requests }) => sum + sumIn(requests, from, until), 0);
}

export function sumIn(counts: Float64Array, from: number, until: number): number {
  let sum = 0;
  for (let second = from; second < until; second += 1) sum += counts[second]!;
  return sum;
}
