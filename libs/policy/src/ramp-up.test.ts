import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { compilePolicy } from './compile-policy.ts';
import { explainPolicy } from './explain-policy.ts';
import type { TargetHealth } from './health-view.ts';
import type { PolicyInput } from './policy-input.ts';
import { nextRampStepMs, RAMP_STEPS, rampStep } from './ramp-up.ts';
import { clientOf } from './reference/arbitrary-client.ts';

const RAMP_MS = 120_000;

/** Two members of one pool, at so many milliseconds after the epoch. */
function inputAt(nowMs: number, health: Record<string, Partial<TargetHealth>>): PolicyInput {
  return {
    policyName: 'p',
    policy: { rules: [{ try: ['eu'] }], within: { pick: 'weighted', select: 1 } },
    defaultAllDown: 'fail_open',
    ttl: { stable: 30, suspect: 10, floor: 5, settle: 60_000 },
    pools: {
      eu: {
        monitor: 'web',
        ramp_up: RAMP_MS,
        members: [
          { target: 'a', weight: 80 },
          { target: 'b', weight: 20 },
        ],
      },
    },
    targets: { a: { a: '192.0.2.1', status: 'obey' }, b: { a: '192.0.2.2', status: 'obey' } },
    health: (_monitor, target) => ({
      state: 'up',
      ipv4: 'up',
      ipv6: 'up',
      reason: 'as told',
      ...health[target],
    }),
    nowMs,
  };
}

const weightsAt = (nowMs: number, health: Record<string, Partial<TargetHealth>>) =>
  compilePolicy(inputAt(nowMs, health), 'A')!.groups[0]!.answers.map(({ weight }) => weight);

test('a member that came back begins with a tenth of its weight and has all of it after nine tenths of the time', () => {
  const back = { a: { recoveredMs: 1_000 } };
  assert.deepEqual(weightsAt(1_000, back), [80, 200]);
  assert.deepEqual(weightsAt(1_000 + RAMP_MS / 2, back), [480, 200]);
  assert.deepEqual(weightsAt(1_000 + (RAMP_MS * 9) / 10, back), [80, 20]);
});

test('nobody ramps who serves alone, who never was down, or when nobody could take what is held back', () => {
  assert.deepEqual(weightsAt(0, {}), [80, 20]);
  assert.deepEqual(weightsAt(0, { a: { recoveredMs: 0 }, b: { state: 'down', ipv4: 'down' } }), [80]);
  assert.deepEqual(weightsAt(9, { a: { recoveredMs: 0 }, b: { recoveredMs: 5 } }), [80, 20]);
});

test('an explanation says how far it is, and the shares are those of the published weights', () => {
  const input = inputAt(RAMP_MS / 4, { a: { recoveredMs: 0 } });
  const client = clientOf(4, Uint8Array.of(192, 0, 2, 7), 24);
  const { rules, answers } = explainPolicy(input, 'go.example.net', client, ['A']);
  const [a, b] = rules[0]!.stages[0]!.pools[0]!.members;
  assert.deepEqual([a!.reason, b!.reason], ['as told; ramping: 30 % of weight', 'as told']);
  assert.deepEqual(
    answers[0]!.candidates.map(({ share }) => Math.round(share * 1_000)),
    [545, 455],
  );
});

test('steps only rise, and each begins when the last one said it would', () => {
  const times = fc.record({
    recoveredMs: fc.nat(1_000_000),
    rampUpMs: fc.integer({ min: 1, max: 1_000_000 }),
    elapsedMs: fc.nat(1_200_000),
  });
  fc.assert(
    fc.property(times, ({ recoveredMs, rampUpMs, elapsedMs }) => {
      const nowMs = recoveredMs + elapsedMs;
      const step = rampStep(recoveredMs, rampUpMs, nowMs);
      assert.ok(step >= 1 && step <= RAMP_STEPS);
      const next = nextRampStepMs(recoveredMs, rampUpMs, nowMs);
      if (next === undefined) return assert.equal(step, RAMP_STEPS);
      assert.ok(next > nowMs);
      assert.equal(rampStep(recoveredMs, rampUpMs, next - 1), step);
      assert.ok(rampStep(recoveredMs, rampUpMs, next) > step);
    }),
  );
});
