/**
 * Where a client is and in which autonomous system, as far as databases know, and how a geo code matches a place.
 *
 * Codes are written as in octoDNS: continent `EU`, country `AS-TR`, subdivision `NA-US-CA`.
 * Pure and, once a code is checked, free of allocation: `geoCodeMatches` runs for each query.
 * Must not know any database; libs/geo makes places from one.
 */
import { CONTINENT_NAMES, CONTINENTS, COUNTRIES, isContinent } from './countries.ts';
import { meantPlace } from './meant-place.ts';

/** What is not known is the empty string, never a guess. */
export interface Place {
  /** `EU`; also known when only the country was in the database. */
  readonly continent: string;
  /** ISO 3166-1 alpha-2: `GB`. */
  readonly country: string;
  /** ISO 3166-2 without the country: `ENG`. */
  readonly subdivision: string;
  /**
   * How many leading bits of the client's address decided this, in the client's own family (0 to 32
   * or 0 to 128); set as well when nothing was found. It is what an ECS scope (RFC 7871) is made from.
   */
  readonly prefixLength: number;
  /** Degrees north and east: the database's, else where most of the country's people are. Decided by the same bits. */
  readonly location?: { readonly latitude: number; readonly longitude: number };
}

/**
 * The autonomous system (RFC 1930) that a client's address is announced by. Apart from `Place`, since it comes from a
 * database of its own: an answer's scope counts this look-up only when a rule asked for it.
 */
export interface ClientSystem {
  /** 1 to 4294967295; 0 when not known. */
  readonly asn: number;
  /** As of a place: set as well when nothing was found. */
  readonly prefixLength: number;
}

/** Shared, frozen: a look-up that finds nothing allocates nothing. */
const NOWHERES: readonly Place[] = Array.from({ length: 129 }, (_, prefixLength) =>
  Object.freeze({ continent: '', country: '', subdivision: '', prefixLength }),
);

/** The place of a client of whom nothing is known, with the bits (0 to 128) it took to learn that. */
export function nowhere(prefixLength: number): Place {
  const place = NOWHERES[prefixLength];
  if (place === undefined) throw new RangeError(`a prefix length is 0 to 128, got ${prefixLength}`);
  return place;
}

/** Nobody looked, or nothing could be looked up: holds for every client. */
export const NOWHERE: Place = nowhere(0);

const UNKNOWN_SYSTEMS: readonly ClientSystem[] = NOWHERES.map(({ prefixLength }) =>
  Object.freeze({ asn: 0, prefixLength }),
);

/** The system of a client of which nothing is known, with the bits (0 to 128) it took to learn that. */
export function unknownSystem(prefixLength: number): ClientSystem {
  const system = UNKNOWN_SYSTEMS[prefixLength];
  if (system === undefined) throw new RangeError(`a prefix length is 0 to 128, got ${prefixLength}`);
  return system;
}

/** Nobody looked, or nothing could be looked up: holds for every client. */
export const UNKNOWN_SYSTEM: ClientSystem = unknownSystem(0);

/** The form of a geo code; `geoCodeProblem` also says whether the country lies in that continent. */
export const geoCodePattern = /^(AF|AN|AS|EU|NA|OC|SA)(-[A-Z]{2}(-[A-Z0-9]{1,3})?)?$/;

/**
 * True if the client is known to be there. Takes checked codes only (`geoCodeProblem`): of a country
 * code the continent is not looked at again, so a database that files Cyprus under Europe still
 * matches `AS-CY`.
 */
export function geoCodeMatches(place: Place, code: string): boolean {
  if (code.length === 2) return place.continent === code;
  if (place.country === '' || !code.startsWith(place.country, 3)) return false;
  if (code.length === 5) return true;
  const { subdivision } = place;
  return subdivision !== '' && code.length === 6 + subdivision.length && code.endsWith(subdivision);
}

/** Whether all places of a code are also places of the other: `EU-GB` lies within `EU`, and within itself. */
export function geoCodeWithin(code: string, other: string): boolean {
  return code === other || code.startsWith(`${other}-`);
}

/** Why this is no geo code, in words for the author of a configuration, or undefined if it is one. */
export function geoCodeProblem(code: string): string | undefined {
  if (!geoCodePattern.test(code)) return malformed(code);
  const [continent, country, subdivision] = code.split('-');
  if (country === undefined) return undefined;
  const actual = COUNTRIES.get(country);
  if (actual === undefined) {
    const unknown = `${country} in ${quoted(code)} is no country code of ISO 3166-1`;
    const meant = rightCode([country, ...(subdivision === undefined ? [] : [subdivision])]);
    return meant === undefined ? unknown : `${unknown}; write ${quoted(meant)}`;
  }
  if (actual === continent) return undefined;
  const right = [actual, country, subdivision].filter((part) => part !== undefined).join('-');
  return `${country} lies in ${CONTINENT_NAMES[actual]}, so write ${quoted(right)} instead of ${quoted(code)}`;
}

function malformed(code: string): string {
  const upper = code.toUpperCase();
  if (geoCodePattern.test(upper)) return `geo codes are upper case: write ${quoted(upper)}`;
  const parts = upper.split('-');
  const hint = rightCode(parts) ?? rightCode(parts.slice(1)) ?? rightCode([upper]);
  if (hint !== undefined && COUNTRIES.has(parts[0]!) && !isContinent(parts[0]!)) {
    return `geo codes start with the continent: write ${quoted(hint)} instead of ${quoted(code)}`;
  }
  if (hint !== undefined) return `${quoted(code)} is no geo code; write ${quoted(hint)}`;
  return `${quoted(code)} is no geo code; write a continent (${CONTINENTS.join(', ')}), a country as "AS-TR" or a subdivision as "NA-US-CA"`;
}

/** The code of a country, as it is or as it was probably meant, with the subdivision that follows it. */
function rightCode([written = '', ...rest]: readonly string[]): string | undefined {
  const continent = isContinent(written) ? undefined : COUNTRIES.get(written);
  const place = continent === undefined ? meantPlace(written) : `${continent}-${written}`;
  const code = [place, ...rest].join('-');
  return place !== undefined && geoCodePattern.test(code) ? code : undefined;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
