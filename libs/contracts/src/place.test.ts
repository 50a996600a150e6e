import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CONTINENTS, COUNTRIES } from './countries.ts';
import {
  geoCodeMatches,
  geoCodeProblem,
  NOWHERE,
  nowhere,
  type Place,
  UNKNOWN_SYSTEM,
  unknownSystem,
} from './place.ts';

const london: Place = { continent: 'EU', country: 'GB', subdivision: 'ENG', prefixLength: 24 };
const california: Place = { continent: 'NA', country: 'US', subdivision: 'CA', prefixLength: 20 };

test('every country of ISO 3166-1 and Kosovo lies in exactly one continent', () => {
  assert.equal(COUNTRIES.size, 250);
  for (const [country, continent] of COUNTRIES) {
    assert.match(country, /^[A-Z]{2}$/);
    assert.ok(CONTINENTS.includes(continent));
    assert.equal(geoCodeProblem(`${continent}-${country}`), undefined);
    for (const other of CONTINENTS) {
      if (other !== continent) assert.match(geoCodeProblem(`${other}-${country}`) ?? '', /lies in/);
    }
  }
});

test('a place matches its continent, country and subdivision, and nothing else', () => {
  const codes = [
    'EU',
    'EU-GB',
    'EU-GB-ENG',
    'EU-GB-SCT',
    'EU-FR',
    'NA',
    'NA-US',
    'NA-US-CA',
    'NA-CA',
    'NA-US-C',
  ];
  assert.deepEqual(
    codes.filter((code) => geoCodeMatches(london, code)),
    ['EU', 'EU-GB', 'EU-GB-ENG'],
  );
  assert.deepEqual(
    codes.filter((code) => geoCodeMatches(california, code)),
    ['NA', 'NA-US', 'NA-US-CA'],
  );
});

test('Namibia is not North America, and American Samoa is not Asia', () => {
  const namibia: Place = { continent: 'AF', country: 'NA', subdivision: '', prefixLength: 8 };
  assert.equal(geoCodeMatches(namibia, 'NA'), false);
  assert.equal(geoCodeMatches(namibia, 'AF-NA'), true);
  const samoa: Place = { continent: 'OC', country: 'AS', subdivision: '', prefixLength: 8 };
  assert.equal(geoCodeMatches(samoa, 'AS'), false);
  assert.equal(geoCodeMatches(samoa, 'OC-AS'), true);
});

test('a client of whom nothing is known matches no code', () => {
  for (const code of [...CONTINENTS, 'EU-GB', 'NA-US-CA'])
    assert.equal(geoCodeMatches(nowhere(24), code), false);
  const countryOnly: Place = { continent: 'NA', country: 'US', subdivision: '', prefixLength: 8 };
  assert.equal(geoCodeMatches(countryOnly, 'NA-US-CA'), false);
});

test('nowhere is one frozen place for each prefix length', () => {
  assert.equal(nowhere(0), NOWHERE);
  assert.equal(nowhere(128), nowhere(128));
  assert.equal(nowhere(57).prefixLength, 57);
  assert.ok(Object.isFrozen(nowhere(57)));
  assert.throws(() => nowhere(129), RangeError);
  assert.throws(() => nowhere(-1), RangeError);
});

test('an unknown system is one frozen value for each prefix length', () => {
  assert.equal(unknownSystem(0), UNKNOWN_SYSTEM);
  assert.deepEqual(unknownSystem(57), { asn: 0, prefixLength: 57 });
  assert.equal(unknownSystem(128), unknownSystem(128));
  assert.ok(Object.isFrozen(unknownSystem(57)));
  assert.throws(() => unknownSystem(129), RangeError);
});

test('a wrong code is refused with words that name the right one', () => {
  const problems: Record<string, RegExp> = {
    'EU-TR': /TR lies in Asia, so write "AS-TR"/,
    'SA-US-CA': /US lies in North America, so write "NA-US-CA"/,
    'EU-UK': /UK in "EU-UK" is no country code/,
    'eu-gb': /upper case: write "EU-GB"/,
    GB: /start with the continent: write "EU-GB"/,
    'US-CA': /write "NA-US-CA"/,
    Atlantis: /is no geo code; write a continent \(AF, /,
    'EU-': /is no geo code/,
    '': /is no geo code/,
    'EU-GB-ENG-1': /is no geo code/,
    'EU\n': /is no geo code/,
  };
  for (const [code, problem] of Object.entries(problems))
    assert.match(geoCodeProblem(code) ?? '', problem, code);
  for (const code of ['EU', 'AS-TR', 'NA-US-CA', 'EU-GB-ENG']) assert.equal(geoCodeProblem(code), undefined);
});

test('codes of other lists and names are told with the code that is meant', () => {
  const meant = (code: string) => /write ("[^"]+")/.exec(geoCodeProblem(code) ?? '')?.[1];
  const cases = {
    UK: 'EU-GB',
    'UK-ENG': 'EU-GB-ENG',
    'EU-UK': 'EU-GB',
    'EU-UK-SCT': 'EU-GB-SCT',
    DE: 'EU-DE',
    de: 'EU-DE',
    'US-CA': 'NA-US-CA',
    EL: 'EU-GR',
    USA: 'NA-US',
    'NA-USA': 'NA-US',
    Germany: 'EU-DE',
    'South Korea': 'AS-KR',
    Europe: 'EU',
    eu: 'EU',
    'north america': 'NA',
  };
  for (const [code, right] of Object.entries(cases)) assert.equal(meant(code), `"${right}"`, code);
  for (const code of ['QQ', 'EU-QQ', 'Atlantis', '', 'toString', '-', 'EU-'])
    assert.doesNotMatch(geoCodeProblem(code)!, /write "/, code);
});
