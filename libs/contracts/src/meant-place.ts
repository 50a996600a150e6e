/**
 * Which country or continent somebody meant who wrote no geo code: codes that other lists have, and English names.
 * For messages alone.
 */
import { CONTINENT_NAMES, COUNTRIES } from './countries.ts';

/** `EU-GB` for `UK`, `EU` for `Europe`; undefined when there is no telling. `text` in any case. */
export function meantPlace(text: string): string | undefined {
  const upper = text.toUpperCase();
  const continent = Object.entries(CONTINENT_NAMES).find(([, name]) => name.toUpperCase() === upper)?.[0];
  const country = continent === undefined ? meantCountry(upper) : undefined;
  return country === undefined ? continent : `${COUNTRIES.get(country)}-${country}`;
}

function meantCountry(upper: string): string | undefined {
  const other = OTHER_CODES.get(upper);
  // Two letters are a code, right or wrong, and no name.
  if (other !== undefined || upper.length < 3) return other;
  const names = new Intl.DisplayNames('en', { type: 'region' });
  return [...COUNTRIES.keys()].find((code) => names.of(code)?.toUpperCase() === upper);
}

/** Codes in everyday use that ISO 3166-1 alpha-2 has otherwise: of the European Union, alpha-3, and abbreviations. */
const OTHER_CODES: ReadonlyMap<string, string> = new Map(
  `UK GB, GBR GB, EL GR, USA US, UAE AE, ROK KR, PRC CN, DEU DE, GER DE, FRA FR, ITA IT, ESP ES, NLD NL, POL PL, TUR TR,
  RUS RU, CAN CA, MEX MX, BRA BR, JPN JP, CHN CN, KOR KR, IND IN, AUS AU`
    .split(/,\s+/)
    .map((pair) => [pair.slice(0, -3), pair.slice(-2)]),
);
