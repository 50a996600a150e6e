/** What a plot draws of a recording: curves of few points, each with its colour. Pure; must not know how they are drawn. */
import type { RecordedTarget, Recording } from './recorder.ts';

/** Targets with a curve of their own; what the others have is one. */
const MOST_SERIES = 8;

/** Okabe and Ito's, but for black and yellow. */
const COLOURS = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#8c6bb1',
  '#7f9b3e',
  '#999999',
];
const UNANSWERED_COLOUR = '#777777';

export interface Series {
  readonly name: string;
  readonly colour: string;
  /** By point. */
  readonly requests: readonly number[];
  /** Shares; absent: it has no weight. */
  readonly clients?: readonly number[];
  readonly configured?: readonly number[];
}

/** The smallest of the targets beyond `MOST_SERIES` are one; in the order of the configuration. */
export function seriesOf({ targets, unanswered, seconds }: Recording, step: number): Series[] {
  const size = ({ requests }: RecordedTarget): number => requests.reduce((sum, count) => sum + count, 0);
  const ranked = targets.toSorted((a, b) => size(b) - size(a));
  const shown = new Set(ranked.slice(0, targets.length > MOST_SERIES ? MOST_SERIES - 1 : MOST_SERIES));
  const groups = [
    ...targets
      .filter((target) => shown.has(target))
      .map((target) => ({ name: target.target, members: [target] })),
    { name: 'others', members: targets.filter((target) => !shown.has(target)) },
  ].filter(({ members }) => members.length > 0);
  const all = means([...targets.map(({ requests }) => requests), unanswered], seconds, step);
  const series = groups.map(({ name, members }, index): Series => {
    const requests = means(
      members.map((member) => member.requests),
      seconds,
      step,
    );
    return {
      name,
      colour: COLOURS[index % COLOURS.length]!,
      requests,
      clients: requests.map((count, point) => (all[point] === 0 ? 0 : count / all[point]!)),
      configured: means(
        members.map((member) => member.configured),
        seconds,
        step,
      ),
    };
  });
  if (!unanswered.some((count) => count > 0)) return series;
  return [
    ...series,
    { name: 'no answer', colour: UNANSWERED_COLOUR, requests: means([unanswered], seconds, step) },
  ];
}

/** The sum of the columns, as a mean of each `step` seconds. */
function means(columns: readonly Float64Array[], seconds: number, step: number): number[] {
  const sums: number[] = [];
  for (let from = 0; from < seconds; from += step) {
    const until = Math.min(seconds, from + step);
    let sum = 0;
    for (const column of columns) for (let second = from; second < until; second += 1) sum += column[second]!;
    sums.push(sum / (until - from));
  }
  return sums;
}
