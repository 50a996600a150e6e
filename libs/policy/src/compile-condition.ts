/**
 * The conditions of a rule as an authority is given them: what time decides is decided here, vantages become geo codes.
 * Pure.
 */
import { geoCodeWithin } from '@signpost/contracts/place';
import type { When } from '@signpost/contracts/policy-configuration';
import type { SteeringCondition } from '@signpost/contracts/record-set';

import type { PolicyInput } from './policy-input.ts';
import { requireNoun } from './pool-standing.ts';
import { isOpen } from './time-window.ts';

/** All must hold; empty: everybody. Undefined: not at this time, for nobody. */
export function compileWhen(
  when: When | undefined,
  { vantages, nowMs, anyTime = false }: Pick<PolicyInput, 'vantages' | 'nowMs' | 'anyTime'>,
): readonly SteeringCondition[] | undefined {
  if (when === undefined) return [];
  const { times, subnets, geos, asns } = when;
  if (times !== undefined && !anyTime && (nowMs === undefined || !isOpen(times, nowMs))) return undefined;
  const own = {
    ...(subnets !== undefined && { subnets }),
    ...(geos !== undefined && { geos }),
    ...(asns !== undefined && { asns }),
  };
  return [
    ...(Object.keys(own).length === 0 && !(anyTime && times !== undefined) ? [] : [own]),
    ...(when.vantages === undefined ? [] : [nearVantages(when.vantages, vantages ?? {})]),
  ];
}

/** Of all codes of all vantages the most specific one that a client is in decides whose it is. */
function nearVantages(
  names: readonly string[],
  vantages: NonNullable<PolicyInput['vantages']>,
): SteeringCondition {
  const geos = names.flatMap((name) => requireNoun(vantages, 'vantage', name).near ?? []);
  const others = Object.entries(vantages).flatMap(([name, { near = [] }]) =>
    names.includes(name) ? [] : near,
  );
  const butNotIn = others
    .filter((code) => !geos.includes(code) && geos.some((own) => geoCodeWithin(code, own)))
    .toSorted();
  return { geos, ...(butNotIn.length > 0 && { butNotIn }) };
}
