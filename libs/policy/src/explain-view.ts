/** By whose view of health a client is steered, and what that vantage sees otherwise than the quorum. Pure. */
import type { Explanation } from '@signpost/contracts/explanation';
import type { SteeringView } from '@signpost/contracts/record-set';

import type { HealthView } from './health-view.ts';
import type { ClientView } from './match-client.ts';
import type { PolicyPlan } from './plan-policy.ts';
import { nearestView } from './plan-regional.ts';

export interface OwnView {
  readonly vantage: string;
  /** The geo code by which the client is near. */
  readonly code: string;
  readonly health: HealthView;
}

/** `published`: of all types. A vantage may see something otherwise that leads to the same answers. */
export function publishedView(
  health: HealthView,
  client: ClientView,
  published: readonly SteeringView[],
): OwnView | undefined {
  if (published.length === 0) return undefined;
  const near = nearestView(health, client.place());
  if (near?.view.health === undefined) return undefined;
  const { vantage } = near.view;
  if (!published.some((view) => view.vantage === vantage && view.rules !== undefined)) return undefined;
  return { vantage, code: near.code, health: near.view.health };
}

export function explainView(
  { vantage, code }: OwnView,
  own: PolicyPlan,
  everybody: PolicyPlan,
): Explanation['view'] {
  const seen = new Set<string>();
  for (const [pool, { members }] of own.standings) {
    for (const [index, { target, ...sees }] of members.entries()) {
      const quorum = everybody.standings.get(pool)!.members[index]!;
      for (const part of ['state', 'ipv4', 'ipv6'] as const) {
        if (sees[part] === quorum[part]) continue;
        const what = part === 'state' ? target : `${target} ${part}`;
        seen.add(`${what} ${sees[part]}, by quorum ${quorum[part]}`);
        // The families say no more than the whole did.
        if (part === 'state') break;
      }
    }
  }
  return { vantage, near: code, reason: [...seen].join('; ') };
}
