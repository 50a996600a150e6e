/**
 * The conditions of a rule: subnets and geo codes that can match, vantages that are there and have clients near them,
 * time zones that exist.
 */
import { geoCodeProblem } from '@signpost/contracts/place';
import type { When } from '@signpost/contracts/policy-configuration';
import { parsePrefix } from '@signpost/dns/address';

import type { Path, ReadableParts } from './readable-parts.ts';
import { missingNoun, type ReferenceMistake } from './reference-mistake.ts';
import { suggest } from './suggest.ts';

/** `path`: of the conditions, `[..., 'when']`. None are right. */
export function checkConditions(
  when: When | undefined,
  path: Path,
  parts: ReadableParts,
): ReferenceMistake[] {
  const { subnets = [], geos = [], vantages = [], times = [] } = when ?? {};
  return [
    ...subnets.flatMap((text, index) => checkSubnet(text, [...path, 'subnets', index])),
    ...geos.flatMap((code, index) => checkGeo(code, [...path, 'geos', index])),
    ...vantages.flatMap((name, index) => checkVantage(name, [...path, 'vantages', index], parts)),
    ...times.flatMap(({ zone }, index) => checkZone(zone, [...path, 'times', index, 'zone'])),
  ];
}

function checkSubnet(text: string, path: Path): ReferenceMistake[] {
  const prefix = parsePrefix(text);
  if (prefix.kind === 'prefix') return [];
  const what = prefix.kind === 'malformed' ? 'is no subnet' : 'has bits set behind its length';
  return [{ path, message: `"${text}" ${what}; ${prefix.remedy}` }];
}

function checkGeo(code: string, path: Path): ReferenceMistake[] {
  const message = geoCodeProblem(code);
  return message === undefined ? [] : [{ path, message }];
}

/** One that could not be read has its own mistake. */
function checkVantage(name: string, path: Path, parts: ReadableParts): ReferenceMistake[] {
  const { vantages } = parts.nouns;
  if (!Object.hasOwn(vantages, name)) return missingNoun(parts, 'vantages', name, path);
  if ((vantages[name]?.near ?? []).length > 0) return [];
  const message = `nobody is near vantage "${name}", so this never matches; write "near: [EU]" or the like in that vantage`;
  return [{ path, message }];
}

function checkZone(zone: string, path: Path): ReferenceMistake[] {
  if (isTimeZone(zone)) return [];
  const known = ['UTC', ...Intl.supportedValuesOf('timeZone')];
  return [{ path, message: `there is no time zone "${zone}"; ${suggest(zone, known, 'time zones')}` }];
}

function isTimeZone(zone: string): boolean {
  try {
    Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
