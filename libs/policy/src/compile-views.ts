/**
 * Joins the views of single vantages to what everybody gets, in one set: branches and groups that are the same are
 * shared, and a view that leads to the same answers is left out.
 * Pure. Must not know health: it compares what was compiled.
 */
import { geoCodeWithin } from '@signpost/contracts/place';
import {
  type Branch,
  MAX_VIEWS,
  type SteeredRecordSet,
  type SteeringRule,
} from '@signpost/contracts/record-set';

/** What health decides of a set. */
export type SetParts = Pick<SteeredRecordSet, 'rules' | 'branches' | 'groups'>;

export interface CompiledView {
  readonly vantage: string;
  readonly near: readonly string[];
  /** Undefined: it has no view of its own. */
  readonly parts: SetParts | undefined;
}

export function compileViews(
  everybody: SetParts,
  views: readonly CompiledView[],
): SetParts & Pick<SteeredRecordSet, 'views'> {
  if (views.every(({ parts }) => parts === undefined)) return everybody;
  const branches = sharedTable(everybody.branches);
  const groups = sharedTable(everybody.groups);
  const asEverybody = JSON.stringify(everybody.rules);
  const joined = views.slice(0, MAX_VIEWS).map(({ vantage, near, parts }) => {
    const rules = parts === undefined ? everybody.rules : joinRules(parts, branches, groups);
    return { vantage, near, rules, differs: JSON.stringify(rules) !== asEverybody };
  });
  const differing = joined.filter(({ differs }) => differs);
  if (differing.length === 0) return everybody;
  const codes = differing.flatMap(({ near }) => near);
  return {
    rules: everybody.rules,
    branches: branches.entries,
    groups: groups.entries,
    views: joined.flatMap(({ vantage, near, rules, differs }) => {
      if (differs) return [{ vantage, near: [...near], rules }];
      const within = near.filter((code) => codes.some((other) => geoCodeWithin(code, other)));
      return within.length === 0 ? [] : [{ vantage, near: within }];
    }),
  };
}

/** The rules of a view, by the tables that all share. What a branch is chosen from comes before it in both. */
function joinRules(
  parts: SetParts,
  branches: SharedTable<Branch>,
  groups: SharedTable<SetParts['groups'][number]>,
): SteeringRule[] {
  const joined: number[] = [];
  for (const branch of parts.branches) {
    joined.push(branches.indexOf(joinBranch(branch, joined, parts.groups, groups)));
  }
  return parts.rules.map((rule) => ({ ...rule, branch: joined[rule.branch]! }));
}

/** `joined`: where the branches before it stand in the shared table. */
function joinBranch(
  branch: Branch,
  joined: readonly number[],
  own: SetParts['groups'],
  groups: SharedTable<SetParts['groups'][number]>,
): Branch {
  const move = <Part extends { branch: number }>(part: Part): Part => ({
    ...part,
    branch: joined[part.branch]!,
  });
  if ('group' in branch) return { group: groups.indexOf(own[branch.group]!) };
  if ('weighted' in branch) return { weighted: branch.weighted.map(move) };
  if ('nearest' in branch) return { nearest: branch.nearest.map(move) };
  return { ...branch, fastest: branch.fastest.map(move) };
}

interface SharedTable<Entry> {
  readonly entries: Entry[];
  /** Of the entry with the same content, which is added if there is none. */
  indexOf(entry: Entry): number;
}

/** Entries of one table are made by the same code, so equal content is equal text. */
function sharedTable<Entry>(first: readonly Entry[]): SharedTable<Entry> {
  const entries = [...first];
  const known = new Map(entries.map((entry, index) => [JSON.stringify(entry), index]));
  return {
    entries,
    indexOf(entry) {
      const text = JSON.stringify(entry);
      const index = known.get(text) ?? entries.push(entry) - 1;
      known.set(text, index);
      return index;
    },
  };
}
