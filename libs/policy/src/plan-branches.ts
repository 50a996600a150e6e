/**
 * Writes choices down as the branches and groups of a record set: equal ones are shared, and what is chosen from comes
 * before the choice. Pure; knows no type, so the branches of A are those of AAAA.
 */
import type { Within } from '@signpost/contracts/policy-configuration';
import type { AnswerGroup, Branch, Point } from '@signpost/contracts/record-set';

import type { Choice, PoolChoice } from './choice.ts';
import type { MemberStanding, PoolStanding } from './pool-standing.ts';

export interface PlannedGroup {
  readonly pool: PoolStanding;
  readonly standing: AnswerGroup['standing'];
  readonly within: Within;
  readonly serving: readonly MemberStanding[];
}

export class BranchTable {
  readonly branches: Branch[] = [];
  readonly groups: PlannedGroup[] = [];
  readonly #known = new Map<string, number>();

  /** The index of the choice's branch, which is added if there is none. */
  indexOf(choice: Choice): number {
    const branch = this.#branchOf(choice);
    const key = JSON.stringify(branch);
    const index = this.#known.get(key) ?? this.branches.push(branch) - 1;
    this.#known.set(key, index);
    return index;
  }

  #branchOf(choice: Choice): Branch {
    switch (choice.kind) {
      case 'pool':
        return { group: this.#groupOf(choice) };
      case 'weighted': {
        const weighted = choice.of.map(({ choice: part, weight, key }) => ({
          branch: this.indexOf(part),
          weight,
          key,
        }));
        return { weighted };
      }
      case 'nearest': {
        const nearest = choice.of.map(({ choice: part, pool, stretch }) => ({
          branch: this.indexOf(part),
          at: pointsOf(pool),
          stretch,
        }));
        return { nearest };
      }
      case 'fastest': {
        const fastest = choice.of.map(({ choice: part, pool }) => ({
          branch: this.indexOf(part),
          targets: placedTargets(pool),
        }));
        return { fastest, slackMs: choice.slack.ms, slackShare: choice.slack.share };
      }
      default:
        throw new TypeError(`unhandled choice ${JSON.stringify(choice satisfies never)}`);
    }
  }

  #groupOf({ pool, standing, within }: PoolChoice): number {
    const found = this.groups.findIndex(
      (group) => group.pool === pool && group.standing === standing && group.within === within,
    );
    if (found >= 0) return found;
    return this.groups.push({ pool, standing, within, serving: servingOf(pool, standing) }) - 1;
  }
}

function servingOf(pool: PoolStanding, standing: AnswerGroup['standing']): readonly MemberStanding[] {
  switch (standing) {
    case 'healthy':
    case 'last_resort':
      return pool.serving;
    case 'fail_open':
    case 'last_healthy':
    case 'fallback':
      return pool.servingThoughDown;
    case 'nodata':
    case 'servfail':
      return [];
    default:
      throw new TypeError(`unhandled standing ${String(standing satisfies never)}`);
  }
}

/** Where a pool is: its members that serve, or, of one whose clients go elsewhere, all of them. */
export function placesOf(pool: PoolStanding): readonly MemberStanding[] {
  return pool.serving.length > 0 ? pool.serving : pool.members;
}

function pointsOf(pool: PoolStanding): Point[] {
  const points = new Map<string, Point>();
  for (const { configuration } of placesOf(pool)) {
    if (configuration.at !== undefined) points.set(configuration.at.join(' '), [...configuration.at]);
  }
  return [...points.values()];
}

function placedTargets(pool: PoolStanding): { target: string; at?: Point }[] {
  return placesOf(pool).map(({ target, configuration: { at } }) => ({
    target,
    ...(at !== undefined && { at: [...at] as Point }),
  }));
}
