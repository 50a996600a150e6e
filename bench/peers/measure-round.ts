/**
 * One round: every server once with every zone and mix it can answer, one after the other, in an order that moves on
 * with each round, so that what else the machine does falls on all alike.
 */
import type { Contestant } from './contestants.ts';
import { type Mix, MIXES, type PreparedWorkload } from './prepare-workload.ts';
import { type LoadResult, runLoad } from './run-load.ts';
import type { Case, Samples } from './samples.ts';
import { type Kind, KINDS } from './workload.ts';

export interface RoundPlan {
  readonly contestants: readonly Contestant[];
  readonly workload: PreparedWorkload;
  readonly seconds: number;
}

/** The case whose latency is measured too. */
export const LATENCY_CASE: Case = { kind: 'plain', mix: 'ecs', load: 'half' };

export async function measureRound(plan: RoundPlan, round: number, samples: Samples): Promise<void> {
  const { contestants } = plan;
  const inOrder = contestants.map((_, i) => contestants[(i + round) % contestants.length]!);
  for (const mix of MIXES) {
    for (const kind of KINDS) {
      for (const contestant of inOrder.filter(({ kinds }) => kinds.includes(kind))) {
        samples.add(contestant.name, { kind, mix, load: 'most' }, await load(contestant, plan, kind, mix));
      }
    }
  }
  const { kind, mix } = LATENCY_CASE;
  for (const contestant of inOrder) {
    const rate = samples.of(contestant.name, { kind, mix, load: 'most' }).at(-1)!.qps / 2;
    samples.add(contestant.name, LATENCY_CASE, await load(contestant, plan, kind, mix, rate));
  }
}

/** Each server with each case until it has answered so many, or as many times over. */
const WARM_UP_ANSWERS = 100_000;
const MOST_WARM_UP_RUNS = 5;

/** Compilers, caches and tables find their form, which takes answers rather than time: not measured. */
export async function warmUp(plan: RoundPlan): Promise<void> {
  for (const contestant of plan.contestants) {
    for (const kind of contestant.kinds)
      for (const mix of MIXES) await warmUpCase(contestant, plan, kind, mix);
  }
}

async function warmUpCase(contestant: Contestant, plan: RoundPlan, kind: Kind, mix: Mix): Promise<void> {
  for (let runs = 0, answers = 0; runs < MOST_WARM_UP_RUNS && answers < WARM_UP_ANSWERS; runs += 1) {
    answers += (await load(contestant, plan, kind, mix)).received;
  }
}

function load(
  { server, steersBy }: Contestant,
  { workload, seconds }: RoundPlan,
  kind: Kind,
  mix: Mix,
  rate?: number,
): Promise<LoadResult> {
  const flags = { places: [], nobody: ['--no-ecs'], echo: ['--echo'] }[steersBy];
  const queries = workload.queries(kind, mix, steersBy === 'nobody');
  return runLoad(server, {
    program: workload.program,
    queries,
    seconds,
    flags,
    ...(rate !== undefined && { rate }),
  });
}
