/**
 * Walks the rules of a record set for one client: the first that matches says the branch. This is the plain way;
 * `client-table.ts` is the same for all clients, worked out beforehand.
 * Hot path but for `prepareRules`: no allocation, no throw.
 */
import type { Place } from '@signpost/contracts/place';
import type { SteeredRecordSet, SteeringCondition, SteeringRule } from '@signpost/contracts/record-set';

import { type ClientView, matchGeos, matchSubnets, type SubnetTables, subnetTables } from './match-client.ts';
import { rulesNear, type ViewTable, viewTable } from './view-table.ts';

/** The rules of a record set made ready. */
export interface ClientRules {
  readonly rules: readonly PreparedRule[];
  /** Undefined: all clients have the same rules. */
  readonly views: ViewTable<readonly PreparedRule[]> | undefined;
}

interface PreparedRule {
  /** All must hold. */
  readonly when: readonly PreparedCondition[];
  readonly branch: number;
}

interface PreparedCondition {
  readonly subnets: SubnetTables | undefined;
  readonly geos: readonly string[] | undefined;
  readonly butNotIn: readonly string[] | undefined;
  readonly asns: readonly number[] | undefined;
}

/** ECS SCOPE PREFIX-LENGTH so far; what is looked at widens it. */
export interface Scope {
  scope: number;
}

/** Throws RangeError if a rule points outside the set or holds what is no prefix. */
export function prepareRules(set: Pick<SteeredRecordSet, 'rules' | 'views' | 'branches'>): ClientRules {
  const own = prepareList(set.rules, set.branches.length);
  const views = set.views?.map(({ near, rules }) => ({
    near,
    rules: rules === undefined ? own : prepareList(rules, set.branches.length),
  }));
  return { rules: own, views: views && viewTable(views) };
}

/** The branch of the first rule that matches; adds to the scope what each rule needed on the way. */
export function matchRules({ rules, views }: ClientRules, client: ClientView, scope: Scope): number {
  if (views === undefined) return firstMatch(rules, client, undefined, scope);
  const place = lookUp(client, scope);
  return firstMatch(rulesNear(views, place, rules), client, place, scope);
}

/** `known`: the place, if it was looked up already. */
function firstMatch(
  rules: readonly PreparedRule[],
  client: ClientView,
  known: Place | undefined,
  scope: Scope,
): number {
  let place = known;
  for (let i = 0; i < rules.length - 1; i += 1) {
    const { when, branch } = rules[i]!;
    let holds = true;
    for (let j = 0; j < when.length && holds; j += 1) {
      const { subnets, geos, butNotIn, asns } = when[j]!;
      if (subnets !== undefined) {
        const matched = matchSubnets(subnets, client);
        widen(scope, matched < 0 ? -1 - matched : matched);
        holds = matched >= 0;
      }
      if (holds && geos !== undefined) {
        place ??= lookUp(client, scope);
        holds = matchGeos(geos, butNotIn, place);
      }
      if (holds && asns !== undefined) {
        const system = client.system();
        widen(scope, system.prefixLength);
        holds = system.asn !== 0 && asns.includes(system.asn);
      }
    }
    if (holds) return branch;
  }
  return rules[rules.length - 1]!.branch;
}

function lookUp(client: ClientView, scope: Scope): Place {
  const place = client.place();
  widen(scope, place.prefixLength);
  return place;
}

function widen(scope: Scope, prefixLength: number): void {
  if (prefixLength > scope.scope) scope.scope = prefixLength;
}

function prepareList(rules: readonly SteeringRule[], branches: number): PreparedRule[] {
  const last = rules.at(-1);
  if (last === undefined || last.when !== undefined) {
    throw new RangeError('the last rule of a record set must match everybody');
  }
  return rules.map((rule) => prepareRule(rule, branches));
}

function prepareRule({ when = [], branch }: SteeringRule, branches: number): PreparedRule {
  if (branch >= branches) throw new RangeError(`a record set has no branch ${branch}`);
  return { when: when.map(prepareCondition), branch };
}

function prepareCondition({ subnets, geos, butNotIn, asns }: SteeringCondition): PreparedCondition {
  return { subnets: subnets && subnetTables(subnets), geos, butNotIn, asns };
}
