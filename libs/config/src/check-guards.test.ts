import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkConfiguration, formatMistake } from './check-configuration.ts';

const mistakesOf = (guards: string, more = '') => {
  const text = `apiVersion: signpost/v1
targets: { a: { a: 192.0.2.1 } }
pools: { eu: { members: [{ target: a }]${more} } }
guards: ${guards}
`;
  const checked = checkConfiguration(text, 'f.yaml');
  return checked.ok ? [] : checked.mistakes.map(formatMistake);
};

test('guards have a limit, a window and assertions over pools; what is absent has its default', () => {
  const checked = checkConfiguration(
    'apiVersion: signpost/v1\nguards: { max_capacity_removed: { percent: 40 } }\n',
    'f.yaml',
  );
  assert.ok(checked.ok);
  const { max_capacity_removed: limit, assertions } = checked.configuration.guards;
  assert.deepEqual([limit?.percent, limit?.within, limit?.then], [40, 60_000, 'hold_and_alert']);
  assert.deepEqual(assertions, []);
  assert.deepEqual(mistakesOf('{ assertions: [{ pools: [eu], at_least_up: 1 }] }', ', ramp_up: 2m'), []);
});

test('an assertion names pools that exist, and no more of them than there are', () => {
  assert.deepEqual(mistakesOf('{ assertions: [{ pools: [eu, eo], at_least_up: 3 }] }'), [
    'f.yaml:4:38 guards.assertions[0].pools[1]: there is no pool "eo"; did you mean "eu"?',
    'f.yaml:4:56 guards.assertions[0].at_least_up: 3 of 2 pools can never be up; write at most 2',
  ]);
});

test('a guard of the wrong shape is told with its place', () => {
  const [mistake, ...more] = mistakesOf('{ max_capacity_removed: { percent: 140, then: shrug } }');
  assert.match(mistake!, /^f\.yaml:4:\d+ guards\.max_capacity_removed\.percent: /);
  assert.match(more.join(), /then: /);
});
