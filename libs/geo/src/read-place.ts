/**
 * Reads where a geo database says a network is, in either shape that databases come in.
 *
 *     nested  GeoIP2, GeoLite2   { country: { iso_code }, continent: { code }, subdivisions: [{ iso_code }], location }
 *     flat    ip-location-db     { country_code, latitude?, longitude? }
 *
 * Pure; trusts nothing about the record. Of a known country the continent comes from our own table,
 * so that a rule means the same with every database (they disagree about Cyprus, for one), and so does
 * the location where the database has none, so that `nearest` works with one of countries.
 */
import { COUNTRIES, isContinent } from '@signpost/contracts/countries';
import { COUNTRY_LOCATIONS } from '@signpost/contracts/country-locations';
import { nowhere, type Place } from '@signpost/contracts/place';

import { field, isObject } from './record-field.ts';
import type { RecordKind } from './record-kind.ts';

export const placeRecords: RecordKind<Place> = {
  name: 'geo',
  subject: 'countries',
  remedy:
    'Use a country or city database: GeoLite2 or GeoIP2 Country or City, or one whose records have country_code.',
  shapeOf: (record) => {
    if (typeof field(record, 'country_code') === 'string') return 'flat';
    const nested = ['country', 'continent', 'registered_country'].some((key) => isObject(field(record, key)));
    return nested ? 'nested' : undefined;
  },
  read: readPlace,
  keyOf: ({ continent, country, subdivision, prefixLength, location }) =>
    [continent, country, subdivision, prefixLength, location?.latitude, location?.longitude].join(),
  nothing: nowhere,
};

function readPlace(record: unknown, prefixLength: number): Place {
  const flat = placeRecords.shapeOf(record) === 'flat';
  const country = flat ? field(record, 'country_code') : field(field(record, 'country'), 'iso_code');
  const known = typeof country === 'string' && COUNTRIES.has(country) ? country : '';
  const continent = COUNTRIES.get(known) ?? continentOf(record);
  const location = readLocation(flat ? record : field(record, 'location')) ?? COUNTRY_LOCATIONS.get(known);
  const subdivision = known === '' ? '' : subdivisionOf(record);
  const facts = { continent, country: known, subdivision, prefixLength };
  return location === undefined ? facts : { ...facts, location };
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
