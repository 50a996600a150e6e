/** What is to be reached, as ratios of ours to a peer inside one run, and how far a run came. Pure. */
import { LATENCY_CASE } from './measure-round.ts';
import type { ServerName } from './options.ts';
import type { Mix } from './prepare-workload.ts';
import type { LoadResult } from './run-load.ts';
import { type Case, median, quantile, type Samples } from './samples.ts';
import type { Kind } from './workload.ts';

export interface Goal {
  /** Stands in the baseline. */
  readonly name: string;
  readonly most: number;
}

export interface Outcome extends Goal {
  /** Median over all rounds of the ratio within each. */
  readonly ratio: number;
  /** A quarter of the rounds lie below. */
  readonly lowRatio: number;
}

interface RatioGoal extends Goal {
  readonly ours: ServerName;
  readonly peer: ServerName;
  readonly which: Case;
  readonly measure: (result: LoadResult) => number;
}

const TWO_WORKERS_SHARE = 'the busier of two workers, share of the work';

/** In the order in which they are printed; those of servers that were not measured are left out. */
export function judgeGoals(samples: Samples): readonly Outcome[] {
  const ratios = RATIO_GOALS.flatMap(({ name, most, ours, peer, which, measure }) => {
    const [own, others] = [samples.of(ours, which), samples.of(peer, which)];
    if (own.length === 0 || others.length === 0) return [];
    return [
      outcomeOf(
        { name, most },
        own.map((result, i) => measure(result) / measure(others[i]!)),
      ),
    ];
  });
  const shares = samples.of('ours-2', saturated('plain', 'ecs')).map(busierShare);
  return shares.length === 0
    ? ratios
    : [...ratios, outcomeOf({ name: TWO_WORKERS_SHARE, most: 0.6 }, shares)];
}

function outcomeOf({ name, most }: Goal, ratios: readonly number[]): Outcome {
  return { name, most, ratio: median(ratios), lowRatio: quantile(ratios, 0.25) };
}

/** Of the two threads that did most. What each answers is not told from outside, what it works is. */
function busierShare({ used: { threadUs } }: LoadResult): number {
  return threadUs[0]! / (threadUs[0]! + (threadUs[1] ?? 0));
}

const cpu = ({ cpuUs }: LoadResult): number => cpuUs;

function saturated(kind: Kind, mix: Mix): Case {
  return { kind, mix, load: 'most' };
}

const RATIO_GOALS: readonly RatioGoal[] = [
  ...(['ecs', 'none'] as const).flatMap((mix) => [
    cpuGoal('gdnsd', 'plain', mix, 0.85),
    cpuGoal('gdnsd', 'weighted', mix, 0.75),
    cpuGoal('knot', 'plain', mix, 0.75),
    cpuGoal('powerdns', 'plain', mix, 0.2),
    cpuGoal('powerdns', 'weighted', mix, 0.2),
    cpuGoal('echo', 'plain', mix, 1.25),
  ]),
  {
    ...cpuGoal('ours', 'plain', 'ecs', 1.1),
    name: 'CPU, two workers / one worker, plain ecs',
    ours: 'ours-2',
  },
  latencyGoal('p50'),
  latencyGoal('p90'),
];

function cpuGoal(peer: ServerName, kind: Kind, mix: Mix, most: number): RatioGoal {
  const name = `CPU, ours / ${peer}, ${kind} ${mix}`;
  return { name, most, ours: 'ours', peer, which: saturated(kind, mix), measure: cpu };
}

function latencyGoal(part: 'p50' | 'p90'): RatioGoal {
  const measure = ({ latencyUs }: LoadResult): number => latencyUs[part];
  return {
    name: `${part} at half load, ours / gdnsd`,
    most: 1.1,
    ours: 'ours',
    peer: 'gdnsd',
    which: LATENCY_CASE,
    measure,
  };
}
