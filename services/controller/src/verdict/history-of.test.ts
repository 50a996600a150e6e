import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HealthState } from '@signpost/contracts/health';
import type { Verdict } from '@signpost/contracts/verdict';

import { historyOf, type VerdictHistory } from './history-of.ts';

/** What is remembered after the states followed one another, one each second. */
function after(...states: HealthState[]): VerdictHistory {
  let last: Verdict | undefined;
  for (const [second, state] of states.entries()) {
    const history = historyOf(last, state, second * 1_000);
    last = {
      monitor: 'm',
      target: 't',
      state,
      families: {},
      sinceMs: second * 1_000,
      reason: '',
      ...history,
    };
  }
  const { from, recoveredMs } = last!;
  return { ...(from !== undefined && { from }), ...(recoveredMs !== undefined && { recoveredMs }) };
}

test('what is known for the first time followed nothing and came back from nowhere', () => {
  assert.deepEqual(after('up'), {});
  assert.deepEqual(after('unknown', 'up', 'up'), {});
});

test('a target that came back is remembered as such until it is down again', () => {
  assert.deepEqual(after('up', 'down'), { from: 'up' });
  assert.deepEqual(after('up', 'down', 'up', 'up'), { from: 'down', recoveredMs: 2_000 });
  assert.deepEqual(after('down', 'up', 'suspect', 'up'), { from: 'suspect', recoveredMs: 1_000 });
  assert.deepEqual(after('down', 'up', 'down'), { from: 'up' });
});
