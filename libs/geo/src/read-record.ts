/**
 * Reads what a geo database says of one network, in either shape that databases come in.
 *
 *     nested  GeoIP2, GeoLite2   { country: { iso_code }, continent: { code }, subdivisions: [{ iso_code }], location }
 *     flat    ip-location-db     { country_code, latitude?, longitude? }
 *
 * Pure; trusts nothing about the record. Of a known country the continent comes from our own table,
 * so that a rule means the same with every database (they disagree about Cyprus, for one).
 */
import { COUNTRIES, isContinent } from '@signpost/contracts/countries';
import type { Place } from '@signpost/contracts/place';

export type RecordShape = 'nested' | 'flat';

/** A place without the length of the prefix it was found by. */
export type PlaceFacts = Omit<Place, 'prefixLength'>;

/** undefined: this record has nothing of either shape. */
export function recordShape(record: unknown): RecordShape | undefined {
  if (typeof field(record, 'country_code') === 'string') return 'flat';
  const nested = ['country', 'continent', 'registered_country'].some((key) => isObject(field(record, key)));
  return nested ? 'nested' : undefined;
}

export function readRecord(record: unknown): PlaceFacts {
  const flat = recordShape(record) === 'flat';
  const country = flat ? field(record, 'country_code') : field(field(record, 'country'), 'iso_code');
  const known = typeof country === 'string' && COUNTRIES.has(country) ? country : '';
  const continent = COUNTRIES.get(known) ?? continentOf(record);
  const location = readLocation(flat ? record : field(record, 'location'));
  const subdivision = known === '' ? '' : subdivisionOf(record);
  return { continent, country: known, subdivision, ...(location === undefined ? {} : { location }) };
}

function continentOf(record: unknown): string {
  const code = field(field(record, 'continent'), 'code');
  return typeof code === 'string' && isContinent(code) ? code : '';
}

/** The first one is the largest: England rather than a county. */
function subdivisionOf(record: unknown): string {
  const subdivisions = field(record, 'subdivisions');
  const code: unknown = Array.isArray(subdivisions) ? field(subdivisions[0], 'iso_code') : undefined;
  return typeof code === 'string' && /^[A-Z0-9]{1,3}$/.test(code) ? code : '';
}

function readLocation(holder: unknown): Place['location'] {
  const latitude = field(holder, 'latitude');
  const longitude = field(holder, 'longitude');
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return undefined;
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined;
  return Object.freeze({ latitude, longitude });
}

function field(holder: unknown, key: string): unknown {
  return isObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
