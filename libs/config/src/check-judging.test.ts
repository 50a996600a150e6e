/** Monitors as a whole: quorums that can be reached, damping that ends, monitors that look at others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configurationSchema } from '@signpost/contracts/configuration';

import { checkConfiguration, formatMistake } from './check-configuration.ts';
import { checkReferences } from './check-references.ts';

const TCP = { type: 'tcp', port: 80 };

function mistakesOf(monitors: Record<string, unknown>, pool = 'web'): string[] {
  const configuration = configurationSchema.parse({
    apiVersion: 'signpost/v1',
    vantages: { eu: {}, us: {}, ap: {} },
    monitors: { web: TCP, ...monitors },
    targets: { a: { a: '192.0.2.1' } },
    pools: { all: { monitor: pool, members: [{ target: 'a' }] } },
  });
  return checkReferences(configuration).map(({ path, message }) => `${path.join('/')}: ${message}`);
}

test('a quorum is no larger than the vantages of the monitor', () => {
  for (const quorum of ['majority', 'any', 'all', 1, 3]) {
    assert.deepEqual(mistakesOf({ web: { ...TCP, vantages: { quorum } } }), []);
  }
  assert.deepEqual(mistakesOf({ web: { ...TCP, vantages: { quorum: 4 } } }), [
    'monitors/web/vantages/quorum: a quorum of 4 is never reached, the monitor has 3 vantages; write at most 3',
  ]);
  assert.deepEqual(mistakesOf({ web: { ...TCP, vantages: { use: ['eu'], quorum: 2 } } }), [
    'monitors/web/vantages/quorum: a quorum of 2 is never reached, the monitor has 1 vantage; write at most 1',
  ]);
});

test('damping is reached before it ends, and ends', () => {
  assert.deepEqual(mistakesOf({ web: { ...TCP, damping: 'off' } }), []);
  assert.deepEqual(mistakesOf({ web: { ...TCP, damping: { half_life: '1m', suppress: 16 } } }), []);
  assert.deepEqual(mistakesOf({ web: { ...TCP, damping: { suppress: 17 } } }), [
    'monitors/web/damping/suppress: suppress 17 is never reached, a penalty ends at 16 times reuse; write at most 16',
  ]);
  assert.deepEqual(mistakesOf({ web: { ...TCP, damping: { suppress: 2, reuse: 3 } } }), [
    'monitors/web/damping/reuse: reuse 3 is above suppress 2, so damping would end as it begins; write less',
  ]);
});

test('silence is down later than it is suspect', () => {
  const push = { type: 'push', expect_every: '5s' };
  assert.deepEqual(mistakesOf({ web: push }), []);
  assert.deepEqual(mistakesOf({ web: { ...push, down_after: '4s' } }), [
    'monitors/web/down_after: 4s is not longer than expect_every, 5s; write a longer time',
  ]);
  assert.match(mistakesOf({ web: { ...push, silence: 'down', down_after: '9s' } })[0]!, /remove down_after/);
});

test('a calculated monitor looks at others that exist, each once, and at enough of them', () => {
  const calculated = (fields: object) => ({ calc: { type: 'calculated', ...fields } });
  assert.deepEqual(mistakesOf(calculated({ all: ['web'] })), []);
  assert.deepEqual(mistakesOf(calculated({})), [
    'monitors/calc: it looks at no other monitor; write all, any or at_least',
  ]);
  assert.deepEqual(mistakesOf(calculated({ any: ['wbe', 'web', 'web'] })), [
    'monitors/calc/any/0: there is no monitor "wbe"; did you mean "web"?',
    'monitors/calc/any/2: monitor "web" stands here twice; remove one',
  ]);
  assert.deepEqual(mistakesOf(calculated({ at_least: { n: 2, of: ['web'] } })), [
    'monitors/calc/at_least/n: n is 2, but it looks at 1 monitor; write at most 1',
  ]);
});

test('a loop is told once, with its way, and not for those that only lead into it', () => {
  const monitors = {
    'site-ok': { type: 'calculated', all: ['web', 'x'] },
    x: { type: 'calculated', any: ['y', 'site-ok'] },
    y: { type: 'calculated', any: ['web'] },
    outside: { type: 'calculated', all: ['site-ok'] },
    self: { type: 'calculated', all: ['self'] },
  };
  assert.deepEqual(mistakesOf(monitors), [
    'monitors/site-ok: the monitors look at each other in a loop, site-ok -> x -> site-ok; break it',
    'monitors/self: the monitors look at each other in a loop, self -> self; break it',
  ]);
});

test('what only a calculated monitor looks at is missed when no vantage can probe it', () => {
  const text = `apiVersion: signpost/v1
monitors:
  web: { type: tcp, port: 80 }
  unused: { type: tcp, port: 81 }
  calc: { type: calculated, all: [web] }
targets: { a: { a: 192.0.2.1 } }
pools: { all: { monitor: calc, members: [ { target: a } ] } }
`;
  const checked = checkConfiguration(text, 'f');
  assert.deepEqual(checked.ok ? [] : checked.mistakes.map(formatMistake), [
    'f:3:8 monitors.web: there is no vantage to probe from; add one, such as "vantages: { local: {} }"',
  ]);
});
