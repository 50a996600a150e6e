/**
 * Rules of a dynamic record. octoDNS follows the fallbacks of a rule's pool, which is the order to try here; it asks
 * its providers to look at subnets before places, and takes either where a rule has both.
 */
import type { PolicyConfiguration } from '@signpost/contracts/policy-configuration';
import { COUNTRIES } from '@signpost/contracts/countries';
import { geoCodeProblem } from '@signpost/contracts/place';
import { parsePrefix } from '@signpost/dns/address';

import type { Remarks } from '../remark.ts';
import type { OctodnsEntry } from './octodns-entry.ts';
import type { OctodnsPool, OctodnsRule } from './record-shape.ts';

export type DraftRule = Pick<PolicyConfiguration['rules'][number], 'when'> & { try: string[] };

/** Undefined: no pool is left to try, which was remarked. `pools` by what the record calls them. */
export function rulesOf(
  entry: OctodnsEntry,
  pools: ReadonlyMap<string, string>,
  lastResort: string | undefined,
  remarks: Remarks,
): DraftRule[] | undefined {
  const { rules, pools: written } = entry.record.dynamic!;
  const bySubnet: DraftRule[] = [];
  const byPlace: DraftRule[] = [];
  let everybody: DraftRule | undefined;
  for (const [index, rule] of rules.entries()) {
    const at = (...below: (string | number)[]) => entry.placeOf('dynamic', 'rules', index, ...below);
    const tried = chainOf(rule.pool, written, (message) => remarks.lost(at('pool'), message)).flatMap(
      (pool) => pools.get(pool) ?? [],
    );
    if (tried.length === 0) {
      remarks.lost(at(), 'none of its pools is there; its clients go to the next rule', rule);
      continue;
    }
    const distinct = [...new Set(tried)];
    const { subnets, geos } = conditionsOf(rule, entry, index, remarks);
    const isCatchAll = (rule.subnets ?? []).length === 0 && (rule.geos ?? []).length === 0;
    if (everybody !== undefined) remarks.lost(at(), 'never reached behind a rule for everybody', rule);
    else if (isCatchAll) everybody = { try: distinct };
    if (everybody !== undefined) continue;
    if (subnets.length > 0) bySubnet.push({ when: { subnets }, try: distinct });
    if (geos.length > 0) byPlace.push({ when: { geos }, try: distinct });
    if (subnets.length > 0 && byPlace.length > (geos.length > 0 ? 1 : 0)) {
      remarks.changed(at('subnets'), 'subnets go before places: the rule comes before those by place');
    }
  }
  const last = everybody ?? (lastResort === undefined ? undefined : { try: [lastResort] });
  if (everybody === undefined) {
    const instead = lastResort === undefined ? 'they get no answer' : "they get the record's own values";
    remarks.changed(
      entry.placeOf('dynamic', 'rules'),
      `no rule is for clients that no other is for; ${instead}`,
    );
  }
  const all = [...bySubnet, ...byPlace, last ?? { try: [] }];
  return all.some((rule) => rule.try.length > 0) ? all : undefined;
}

/** The pool and its fallbacks, as octoDNS calls them. */
function chainOf(
  first: string,
  pools: Readonly<Record<string, OctodnsPool>>,
  refuse: (message: string) => void,
): readonly string[] {
  const chain: string[] = [];
  for (let pool: string | null | undefined = first; pool; pool = pools[pool]?.fallback) {
    if (chain.includes(pool)) {
      refuse(`the fallbacks lead back to ${pool}; none is tried twice`);
      break;
    }
    if (!Object.hasOwn(pools, pool)) {
      refuse(`there is no pool ${pool}`);
      break;
    }
    chain.push(pool);
  }
  return chain;
}

function conditionsOf(
  { subnets, geos }: OctodnsRule,
  { placeOf }: OctodnsEntry,
  rule: number,
  remarks: Remarks,
): { readonly subnets: string[]; readonly geos: string[] } {
  const at = (...below: (string | number)[]) => placeOf('dynamic', 'rules', rule, ...below);
  return {
    subnets: (subnets ?? []).flatMap((text, index) => {
      const prefix = parsePrefix(text);
      if (prefix.kind === 'prefix') return [text];
      remarks.lost(at('subnets', index), `"${text}" is no subnet; ${prefix.remedy}`);
      return [];
    }),
    geos: (geos ?? []).flatMap((code, index) => {
      const corrected = geoCodeOf(code);
      if (corrected === undefined) remarks.lost(at('geos', index), geoCodeProblem(code)!);
      else if (corrected !== code) remarks.changed(at('geos', index), `${code} is ${corrected} here`);
      return corrected ?? [];
    }),
  };
}

/** With the continent that we have its country in: octoDNS follows other lists for a few. */
function geoCodeOf(code: string): string | undefined {
  if (geoCodeProblem(code) === undefined) return code;
  const [, country, ...rest] = code.split('-');
  const corrected = [COUNTRIES.get(country ?? ''), country, ...rest].join('-');
  return geoCodeProblem(corrected) === undefined ? corrected : undefined;
}
