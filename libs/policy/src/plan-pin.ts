/**
 * The plan of a name that is pinned to one target: that target alone, as long as it serves by the pool that the policy
 * has it in. Else there is none, and the policy decides as for everybody. Pure.
 */
import type { Within } from '@signpost/contracts/policy-configuration';

import type { PoolChoice } from './choice.ts';
import { BranchTable } from './plan-branches.ts';
import type { PolicyPlan } from './policy-plan.ts';
import type { PoolStanding } from './pool-standing.ts';

const ALONE: Within = { pick: 'ordered', select: 1 };

/** `standings`: of the pools of the policy, the first of which that has the target decides. */
export function planPin(
  target: string | undefined,
  standings: ReadonlyMap<string, PoolStanding>,
): PolicyPlan | undefined {
  if (target === undefined) return undefined;
  for (const pool of standings.values()) {
    const member = pool.members.find((own) => own.target === target);
    if (member !== undefined) return member.state === 'down' ? undefined : planAlone(pool, member);
  }
  return undefined;
}

function planAlone(whole: PoolStanding, member: PoolStanding['members'][number]): PolicyPlan {
  const alone = [member];
  const pool = {
    ...whole,
    members: alone,
    serving: alone,
    servingThoughDown: alone,
    servingThoughDrained: [],
  };
  const choice: PoolChoice = { kind: 'pool', pool, within: ALONE, standing: 'healthy' };
  const table = new BranchTable();
  const branch = table.indexOf(choice);
  const standings = new Map([[pool.pool, pool]]);
  const outcome = {
    conditions: [],
    visits: [],
    stage: 0,
    standing: choice.standing,
    choice,
    when: [],
    branch,
    published: true,
  };
  return {
    rules: [{ index: 0, rule: { try: [pool.pool] }, conditions: [], standings, outcomes: [outcome] }],
    branches: table.branches,
    groups: table.groups,
    standings,
    ramps: new Map(),
    pinned: { target: member.target, pool: pool.pool },
  };
}
