/**
 * Writes choices down as the branches and groups of a record set: equal ones are shared, and what is chosen from comes
 * before the choice. Pure; knows no type, so the branches of A are those of AAAA.
 */
import type { Within } from '@signpost/contracts/policy-configuration';
import type { AnswerGroup, Branch, Point } from '@signpost/contracts/record-set';

import type { Choice, PoolChoice } from './choice.ts';
import { besideIn, type NextInLine, NOBODY_IN_LINE } from './in-line.ts';
import { type MemberStanding, placesOf, type PoolStanding, servingOpen } from './pool-standing.ts';

export interface PlannedPool {
  readonly pool: PoolStanding;
  readonly standing: AnswerGroup['standing'];
  readonly within: Within;
  readonly serving: readonly MemberStanding[];
}

export interface PlannedGroup extends PlannedPool {
  /** Who is next in line, where that was asked for; absent: nobody. */
  readonly next?: PlannedPool;
}

export class BranchTable {
  readonly branches: Branch[] = [];
  readonly groups: PlannedGroup[] = [];
  readonly #known = new Map<string, number>();

  /** The index of the choice's branch, which is added if there is none. `beyond`: who comes behind all of its pools. */
  indexOf(choice: Choice, beyond: NextInLine = NOBODY_IN_LINE): number {
    const branch = this.#branchOf(choice, beyond);
    const key = JSON.stringify(branch);
    const index = this.#known.get(key) ?? this.branches.push(branch) - 1;
    this.#known.set(key, index);
    return index;
  }

  #branchOf(choice: Choice, beyond: NextInLine): Branch {
    const partOf = (part: Choice, index: number): number =>
      this.indexOf(part, beyond === NOBODY_IN_LINE ? beyond : besideIn(choice, index, beyond));
    switch (choice.kind) {
      case 'pool':
        return { group: this.#groupOf(choice, beyond(choice.pool)) };
      case 'weighted': {
        const weighted = choice.of.map(({ choice: part, weight, key }, index) => ({
          branch: partOf(part, index),
          weight,
          key,
        }));
        return { weighted };
      }
      case 'nearest': {
        const nearest = choice.of.map(({ choice: part, pool, stretch }, index) => ({
          branch: partOf(part, index),
          at: pointsOf(pool),
          stretch,
        }));
        return { nearest };
      }
      case 'fastest': {
        const fastest = choice.of.map(({ choice: part, pool }, index) => ({
          branch: partOf(part, index),
          targets: placedTargets(pool),
        }));
        return { fastest, slackMs: choice.slack.ms, slackShare: choice.slack.share };
      }
      default:
        throw new TypeError(`unhandled choice ${JSON.stringify(choice satisfies never)}`);
    }
  }

  #groupOf(choice: PoolChoice, next: PoolChoice | undefined): number {
    const found = this.groups.findIndex(
      (group) => isSame(group, choice) && (next === undefined ? !group.next : isSame(group.next, next)),
    );
    if (found >= 0) return found;
    return this.groups.push({ ...plannedPool(choice), ...(next && { next: plannedPool(next) }) }) - 1;
  }
}

function isSame(group: PlannedPool | undefined, { pool, standing, within }: PoolChoice): boolean {
  return group?.pool === pool && group.standing === standing && group.within === within;
}

function plannedPool({ pool, standing, within }: PoolChoice): PlannedPool {
  return { pool, standing, within, serving: servingOf(pool, standing) };
}

/** Who is answered of a pool that stands so. */
export function servingOf(pool: PoolStanding, standing: AnswerGroup['standing']): readonly MemberStanding[] {
  switch (standing) {
    case 'healthy':
    case 'last_resort':
      return pool.serving;
    case 'fail_open':
      return servingOpen(pool);
    case 'fallback':
      return pool.serving.length > 0 ? pool.serving : servingOpen(pool);
    case 'last_healthy':
      return pool.servingThoughDown;
    case 'nodata':
    case 'servfail':
      return [];
    default:
      throw new TypeError(`unhandled standing ${String(standing satisfies never)}`);
  }
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
