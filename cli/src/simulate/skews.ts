/** What a recording comes to: how far the clients' shares were from the weights, and what each target saw. Pure. */
import { meanShare, sumIn } from './recorded-sums.ts';
import type { RecordedTarget, Recording } from './recorder.ts';
import { SECOND_MS } from './traffic.ts';

export interface Skew {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly targets: readonly TargetSkew[];
}

export interface TargetSkew {
  readonly target: string;
  /** Shares, 0 to 1: by the weights, of the clients' requests, of the authorities' answers. */
  readonly configured: number;
  readonly clients: number;
  readonly answers: number;
  /** How far the clients' share is from the configured one: in a second, on average, and over half an hour, at worst. */
  readonly offInSecond: number;
  readonly offInHalfHour: number;
  /** Requests per second. */
  readonly least: number;
  readonly mean: number;
  readonly most: number;
}

/** Many TTLs, and still short for whoever pays for the traffic. */
const LONG_SECONDS = 1_800;

/** One for each time between events: of its second half, in which what the event brought about has settled. */
export function skews(recording: Recording): Skew[] {
  const changes = recording.marks.flatMap(({ atMs, endMs }) => [atMs, endMs ?? atMs]);
  const seconds = changes
    .map((ms) => Math.ceil(ms / SECOND_MS))
    .filter((second) => second < recording.seconds);
  const edges = [...new Set([0, ...seconds, recording.seconds])].toSorted((a, b) => a - b);
  return edges.slice(1).flatMap((until, index) => {
    const from = Math.ceil((edges[index]! + until) / 2);
    if (until - from < 1) return [];
    const targets = recording.targets.map((target) => skewOf(target, recording, from, until));
    return [
      {
        fromMs: from * SECOND_MS,
        untilMs: until * SECOND_MS,
        targets: targets.filter(({ configured, clients }) => configured > 0 || clients > 0.0005),
      },
    ];
  });
}

function skewOf(target: RecordedTarget, recording: Recording, from: number, until: number): TargetSkew {
  const offs = Array.from({ length: until - from }, (_, i) => {
    const second = from + i;
    return meanShare([target], recording, second, second + 1) - target.configured[second]!;
  });
  const answers = recording.targets.reduce((sum, other) => sum + sumIn(other.answers, from, until), 0);
  const window = target.requests.subarray(from, until);
  return {
    target: target.target,
    configured: sumIn(target.configured, from, until) / (until - from),
    clients: meanShare([target], recording, from, until),
    answers: answers === 0 ? 0 : sumIn(target.answers, from, until) / answers,
    offInSecond: offs.reduce((sum, off) => sum + Math.abs(off), 0) / offs.length,
    offInHalfHour: worstMean(offs, Math.min(offs.length, LONG_SECONDS)),
    least: window.reduce((least, count) => Math.min(least, count), Infinity),
    mean: sumIn(target.requests, from, until) / (until - from),
    most: window.reduce((most, count) => Math.max(most, count), 0),
  };
}

/** The largest distance from 0 of the mean of so many values in a row. */
function worstMean(values: readonly number[], count: number): number {
  let sum = 0;
  let worst = 0;
  for (const [index, value] of values.entries()) {
    sum += value - (values[index - count] ?? 0);
    if (index >= count - 1) worst = Math.max(worst, Math.abs(sum) / count);
  }
  return worst;
}
