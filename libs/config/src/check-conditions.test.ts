import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { VantageConfiguration } from '@signpost/contracts/configuration';
import type { When } from '@signpost/contracts/policy-configuration';

import { checkConditions } from './check-conditions.ts';
import type { ReadableParts } from './readable-parts.ts';

const VANTAGES: Record<string, VantageConfiguration> = { eu: { near: ['EU'] }, us: {}, ap: { near: [] } };

const PARTS: ReadableParts = {
  nouns: { vantages: VANTAGES, monitors: {}, targets: {}, pools: {}, policies: {} },
  zones: [],
  maintenance: [],
  overrides: [],
  guards: undefined,
  unreadable: [],
  names: { vantages: ['eu', 'us', 'ap', 'unreadable'], monitors: [], targets: [], pools: [], policies: [] },
};

/** `path: message` of every mistake. */
function mistakesOf(when: When | undefined, parts = PARTS): string[] {
  return checkConditions(when, ['when'], parts).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const inZone = (zone: string): When => ({ times: [{ from: '00:00', to: '24:00', zone }] });

test('conditions that can match are right', () => {
  const when: When = {
    subnets: ['10.0.0.0/8', '2001:db8::/32'],
    geos: ['EU', 'AS-TR', 'NA-US-CA'],
    asns: [64_500],
    vantages: ['eu'],
    times: [{ days: ['mon'], from: '22:00', to: '06:00', zone: 'Europe/Berlin' }],
  };
  assert.deepEqual(mistakesOf(when), []);
  assert.deepEqual(mistakesOf({}), []);
  assert.deepEqual(mistakesOf(undefined), []);
});

test('a subnet or a geo code that is none is told with its remedy', () => {
  const [malformed, longer, country, ...more] = mistakesOf({
    subnets: ['10.0.0', '10.1.0.0/8'],
    geos: ['EU-TR'],
  });
  assert.match(malformed!, /^when\.subnets\.0: "10\.0\.0" is no subnet; /);
  assert.match(longer!, /^when\.subnets\.1: "10\.1\.0\.0\/8" has bits set behind its length; /);
  assert.match(country!, /^when\.geos\.0: TR lies in Asia, so write "AS-TR"/);
  assert.deepEqual(more, []);
});

test('a vantage must be there and have clients near it', () => {
  assert.deepEqual(mistakesOf({ vantages: ['eu', 'uss', 'us', 'ap', 'unreadable'] }), [
    'when.vantages.1: there is no vantage "uss"; did you mean "us"?',
    'when.vantages.2: nobody is near vantage "us", so this never matches; write "near: [EU]" or the like in that vantage',
    'when.vantages.3: nobody is near vantage "ap", so this never matches; write "near: [EU]" or the like in that vantage',
  ]);
  const unread: ReadableParts = { ...PARTS, names: { ...PARTS.names, vantages: 'any' } };
  assert.deepEqual(mistakesOf({ vantages: ['nowhere'] }, unread), []);
});

test('a time zone must exist, and the one that was meant is suggested', () => {
  for (const zone of ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Asia/Calcutta', 'Etc/GMT+5']) {
    assert.deepEqual(mistakesOf(inZone(zone)), [], zone);
  }
  assert.deepEqual(mistakesOf(inZone('Europe/Berln')), [
    'when.times.0.zone: there is no time zone "Europe/Berln"; did you mean "Europe/Berlin"?',
  ]);
  assert.match(mistakesOf(inZone('CEST'))[0]!, /^when\.times\.0\.zone: there is no time zone "CEST"; /);
  assert.match(mistakesOf(inZone('Mars/Olympus'))[0]!, /time zones: UTC, Africa\/Abidjan, .* and \d+ more$/);
});

test('a window that is always open is no mistake', () => {
  assert.deepEqual(mistakesOf(inZone('UTC')), []);
});
