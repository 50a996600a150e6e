import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Verdict } from '@signpost/contracts/verdict';

import { EXAMPLE_YAML, exampleConfiguration } from '../testing/example-configuration.ts';
import { buildTopology } from '../topology/topology.ts';
import { nextTimedChange } from './next-timed-change.ts';

const RAMPING = EXAMPLE_YAML.replace('eu: { monitor: web,', 'eu: { monitor: web, ramp_up: 100s,');

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
