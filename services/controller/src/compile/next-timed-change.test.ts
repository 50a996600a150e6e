import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Verdict } from '@signpost/contracts/verdict';

import { EXAMPLE_YAML, exampleConfiguration } from '../testing/example-configuration.ts';
import { buildTopology } from '../topology/topology.ts';
import { nextTimedChange } from './next-timed-change.ts';

const RAMPING = EXAMPLE_YAML.replace('eu: { monitor: web,', 'eu: { monitor: web, ramp_up: 100s,');

const TIMED = EXAMPLE_YAML.replace(
  'when: { geos: [EU] }',
  'when: { geos: [EU], times: [ { from: "08:00", to: "18:00", zone: Europe/Berlin } ] }',
);

const nextAt = (nowMs: number, verdict: Partial<Verdict>, yaml = EXAMPLE_YAML) => {
  const whole: Verdict = {
    monitor: 'web',
    target: 'eu-a',
    state: 'up',
    families: {},
    sinceMs: 0,
    reason: '',
    ...verdict,
  };
  return nextTimedChange(
    buildTopology(exampleConfiguration(yaml)),
    new Map([['web.eu-a', { verdict: whole }]]),
    nowMs,
  );
};

test('a target that changed has settled after the time of the TTL plan; what is known for the first time has already', () => {
  assert.equal(nextAt(5_000, { from: 'suspect' }), 60_000);
  assert.equal(nextAt(60_000, { from: 'suspect' }), undefined);
  assert.equal(nextAt(5_000, {}), undefined);
});

test('a member that came back gets the next part of its weight', () => {
  const back = { from: 'down', recoveredMs: 0 } as const;
  assert.equal(nextAt(5_000, back, RAMPING), 10_000);
  assert.equal(nextAt(55_000, back, RAMPING), 60_000, 'the sixth step, and the end of settling');
  assert.equal(nextAt(89_999, back, RAMPING), 90_000);
  assert.equal(nextAt(90_000, back, RAMPING), undefined);
});

test('a time window of a rule opens or closes, also one of a policy that a guard holds', () => {
  const [seven, five] = [Date.UTC(2026, 10, 26, 7), Date.UTC(2026, 10, 26, 17)];
  assert.equal(nextAt(seven - 1, {}, TIMED), seven);
  assert.equal(nextAt(seven, {}, TIMED), five);
  assert.equal(nextAt(five - 10_000, { from: 'suspect', sinceMs: five - 61_000 }, TIMED), five - 1_000);
  const topology = buildTopology(exampleConfiguration());
  const held = { configurationOf: () => exampleConfiguration(TIMED) };
  assert.equal(nextTimedChange(topology, new Map(), seven, held), five);
  assert.equal(nextTimedChange(topology, new Map(), seven), undefined);
});

test('a window that is always open is no reason to compile again', () => {
  const always = TIMED.replace('from: "08:00", to: "18:00"', 'days: [mon, tue, wed, thu, fri, sat, sun]');
  assert.equal(nextAt(5_000, {}, always), undefined);
});
