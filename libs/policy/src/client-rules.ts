/**
 * What of a steered record set decides which branch a client gets, and whether two sets decide it alike. Cold path.
 */
import type { Branch, SteeredRecordSet, SteeringCondition } from '@signpost/contracts/record-set';
import { parsePrefix, type Prefix } from '@signpost/dns/address';

/** As much of a record set as a table of clients is built from. */
export type DecidingPart = Pick<SteeredRecordSet, 'rules' | 'views' | 'branches'>;

/**
 * Equal for sets that give every client the same branch, by its number; undefined for those that give all clients the
 * same one, by rules that look at nothing. Only that of pools the nearest counts too: the place decides it as well.
 */
export function decidingKey({ rules, views, branches }: DecidingPart): string | undefined {
  const isPlain = rules.length === 1 && views === undefined;
  if (isPlain && !isNearest(branches[rules[0]!.branch])) return undefined;
  const nearest = branches.flatMap((branch, index) => (isNearest(branch) ? [[index, branch.nearest]] : []));
  return JSON.stringify([rules, views?.map((view) => [view.near, view.rules ?? 0]) ?? 0, nearest]);
}

export function usesPlaces(part: DecidingPart): boolean {
  if (part.views !== undefined || part.branches.some(isNearest)) return true;
  return conditionsOf(part).some(({ geos }) => geos !== undefined);
}

export function usesSystems(part: DecidingPart): boolean {
  return conditionsOf(part).some(({ asns }) => asns !== undefined);
}

/** Of one family; all that any rule names. */
export function subnetsOf(part: DecidingPart, family: 4 | 6): readonly Prefix[] {
  const texts = new Set(conditionsOf(part).flatMap(({ subnets = [] }) => subnets));
  return [...texts].flatMap((text) => {
    const prefix = parsePrefix(text);
    return prefix.kind === 'prefix' && prefix.family === family ? [prefix] : [];
  });
}

function conditionsOf({ rules, views = [] }: DecidingPart): readonly SteeringCondition[] {
  const all = [...rules, ...views.flatMap((view) => view.rules ?? [])];
  return all.flatMap(({ when = [] }) => when);
}

function isNearest(branch: Branch | undefined): branch is Extract<Branch, { nearest: unknown }> {
  return branch !== undefined && 'nearest' in branch;
}
