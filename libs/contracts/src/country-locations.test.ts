import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Continent, COUNTRIES } from './countries.ts';
import { COUNTRY_LOCATIONS } from './country-locations.ts';

/** South, north, west, east; a box that ends east of where it begins the other way round goes over 180 degrees. */
const BOXES: Readonly<Record<Continent, readonly [number, number, number, number]>> = {
  AF: [-35, 38, -26, 60],
  AN: [-90, -49, -180, 180],
  AS: [-13, 56, 26, 146],
  EU: [34, 79, -25, 60],
  NA: [7, 72, -170, -50],
  OC: [-48, 29, 113, -129],
  SA: [-56, 13, -92, -34],
};

test('every country has one location, within the box of its continent', () => {
  assert.deepEqual([...COUNTRY_LOCATIONS.keys()].toSorted(), [...COUNTRIES.keys()].toSorted());
  for (const [country, continent] of COUNTRIES) {
    const { latitude, longitude } = COUNTRY_LOCATIONS.get(country)!;
    const [south, north, west, east] = BOXES[continent];
    const within =
      west < east ? longitude >= west && longitude <= east : longitude >= west || longitude <= east;
    assert.ok(latitude >= south && latitude <= north && within, `${country}: ${latitude} ${longitude}`);
  }
});

test('countries that steering is about lie where they do', () => {
  const expected = {
    DE: [52, 13],
    JP: [36, 140],
    ZA: [-26, 28],
    BR: [-24, -47],
    AU: [-34, 151],
    US: [37, -92],
  };
  for (const [country, [latitude, longitude]] of Object.entries(expected)) {
    const location = COUNTRY_LOCATIONS.get(country)!;
    assert.ok(
      Math.abs(location.latitude - latitude!) < 1 && Math.abs(location.longitude - longitude!) < 1,
      country,
    );
  }
});

test('locations are shared and frozen: a place made from one allocates none', () => {
  assert.ok(Object.isFrozen(COUNTRY_LOCATIONS.get('DE')));
  assert.equal(COUNTRY_LOCATIONS.get('DE'), COUNTRY_LOCATIONS.get('DE'));
});
