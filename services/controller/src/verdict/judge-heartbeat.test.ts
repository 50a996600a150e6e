import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HealthState } from '@signpost/contracts/health';
import type { TargetHeartbeat } from '@signpost/contracts/target-heartbeat';

import { judgeHeartbeat } from './judge-heartbeat.ts';

const RULE = { kind: 'heartbeat', expectEveryMs: 5_000, suspectAfterMs: 6_250, downAfterMs: 15_000 } as const;

interface Scene {
  readonly heardAtMs?: number;
  readonly says?: TargetHeartbeat;
  readonly sinceMs?: number | undefined;
  readonly nowMs: number;
  readonly last?: HealthState;
}

function judge({ heardAtMs, says = { status: 'up' }, nowMs, last = 'up', ...rest }: Scene) {
  const heard = heardAtMs === undefined ? undefined : { heartbeat: says, heardAtMs };
  const sinceMs = 'sinceMs' in rest ? rest.sinceMs : 0;
  const { families, ...judged } = judgeHeartbeat(RULE, ['ipv4'], { heard, sinceMs, nowMs }, { ipv4: last });
  return { ...families.get('ipv4')!, ...judged };
}

test('silence is suspect, then down; each bound is due when it comes', () => {
  assert.deepEqual(judge({ heardAtMs: 0, nowMs: 6_250 }), {
    state: 'up',
    reason: 'heartbeats arrive, expected every 5s',
    settled: true,
    dueAtMs: 6_251,
  });
  const suspect = judge({ heardAtMs: 0, nowMs: 6_251 });
  assert.deepEqual([suspect.state, suspect.dueAtMs], ['suspect', 15_001]);
  assert.deepEqual(judge({ heardAtMs: 0, nowMs: 15_001, last: 'suspect' }), {
    state: 'down',
    reason: 'no heartbeat for more than 15s, expected every 5s',
    settled: true,
  });
});

test('suspicion raises nothing that is down or not known yet', () => {
  assert.equal(judge({ heardAtMs: 0, nowMs: 7_000, last: 'down' }).state, 'down');
  assert.equal(judge({ heardAtMs: 0, nowMs: 7_000, last: 'unknown' }).state, 'unknown');
});

test('a heartbeat may say that the target is down or draining', () => {
  const says = { status: 'draining', reason: 'deploy 42' } as const;
  const { state, reason } = judge({ heardAtMs: 0, nowMs: 1, says });
  assert.deepEqual([state, reason], ['down', 'its heartbeat says draining: deploy 42']);
});

test('a new leader, or one that has found NATS again, waits a whole period before it counts silence', () => {
  const fresh = judge({ sinceMs: 100_000, nowMs: 106_250 });
  assert.deepEqual([fresh.state, fresh.settled, fresh.dueAtMs], ['up', false, 106_251]);
  assert.equal(judge({ heardAtMs: 0, sinceMs: 100_000, nowMs: 106_250, last: 'down' }).state, 'down');
  assert.equal(judge({ heardAtMs: 0, sinceMs: 100_000, nowMs: 106_251 }).state, 'suspect');
});

test('while NATS is not reached the last verdict stands, however long', () => {
  assert.deepEqual(judge({ heardAtMs: 0, sinceMs: undefined, nowMs: 1e9 }), {
    state: 'up',
    reason: 'NATS is not reached: last verdict stands',
    settled: false,
  });
});
