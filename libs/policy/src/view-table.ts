/**
 * Rules by geo code, for clients near a vantage that sees health otherwise than the rest.
 * Hot path: looking up allocates nothing and never throws.
 */
import { geoCodeMatches, type Place } from '@signpost/contracts/place';

export interface ViewTable<Rules> {
  /** The most specific first. */
  readonly codes: readonly string[];
  /** By the same index. */
  readonly rules: readonly Rules[];
}

export function viewTable<Rules>(
  views: readonly { readonly near: readonly string[]; readonly rules: Rules }[],
): ViewTable<Rules> {
  const byCode = views
    .flatMap(({ near, rules }) => near.map((code) => ({ code, rules })))
    // Codes of one level that a place is in are equal, so of those that match the longest is the most specific.
    .toSorted((a, b) => b.code.length - a.code.length);
  return { codes: byCode.map(({ code }) => code), rules: byCode.map(({ rules }) => rules) };
}

export function rulesNear<Rules>({ codes, rules }: ViewTable<Rules>, place: Place, otherwise: Rules): Rules {
  for (let i = 0; i < codes.length; i += 1) {
    if (geoCodeMatches(place, codes[i]!)) return rules[i]!;
  }
  return otherwise;
}
