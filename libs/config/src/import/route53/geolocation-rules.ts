/** Places of records as rules, the smallest first; where the record of one is down, that of the next larger place serves. */
import { COUNTRIES } from '@signpost/contracts/countries';
import { geoCodeProblem, geoCodeWithin } from '@signpost/contracts/place';

import type { Remarks } from '../remark.ts';
import type { PolicyEntry } from './policy-entries.ts';
import type { RuleInput, StageInput } from './rule-input.ts';

/** Everybody. */
const DEFAULT = '*';

export function geolocationRules(
  entries: readonly PolicyEntry[],
  stage: (entry: PolicyEntry) => StageInput,
  remarks: Remarks,
): RuleInput[] {
  const located = entries.flatMap((entry) => {
    const code = codeOf(entry);
    const problem = code === DEFAULT ? undefined : geoCodeProblem(code);
    if (problem === undefined) return [{ code, stage: stage(entry) }];
    remarks.lost(entry.record.placeOf('GeoLocation'), problem, entry.record.set);
    return [];
  });
  const bySize = located.toSorted((a, b) => b.code.length - a.code.length || (a.code < b.code ? -1 : 1));
  const rules = bySize
    .filter(({ code }) => code !== DEFAULT)
    .map(({ code }) => ({
      when: { geos: [code] },
      try: bySize
        .filter((other) => other.code === DEFAULT || geoCodeWithin(code, other.code))
        .map((each) => each.stage),
    }));
  // Without a record for everybody else Route 53 has no answer for them, and neither has a rule that tries nothing.
  const rest = bySize.find(({ code }) => code === DEFAULT);
  return [...rules, { try: rest === undefined ? [] : [rest.stage] }];
}

function codeOf({ record }: PolicyEntry): string {
  const {
    ContinentCode: continent,
    CountryCode: country,
    SubdivisionCode: subdivision,
  } = record.set.GeoLocation ?? {};
  if (country === DEFAULT) return DEFAULT;
  if (country === undefined) return continent ?? '';
  return [COUNTRIES.get(country) ?? '??', country, subdivision]
    .filter((part) => part !== undefined)
    .join('-');
}
