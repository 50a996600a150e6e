import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Configuration } from '@signpost/contracts/configuration';
import { HEALTH_STATES, type HealthState } from '@signpost/contracts/health';
import type { OverrideSetting } from '@signpost/contracts/override';
import type { PolicyRule } from '@signpost/contracts/policy-configuration';
import * as fc from 'fast-check';

import { exampleConfiguration } from '../testing/example-configuration.ts';
import { GuardedController } from '../testing/guarded-controller.ts';

interface Written {
  /** Of t0 .. t4; undefined: no member of the pool. */
  readonly weights?: readonly (number | undefined)[];
  readonly down?: readonly number[];
  readonly guards?: string;
  readonly allDown?: string;
  readonly minUp?: string;
}

/** Five targets of one pool, `main`, and `spare` with one more behind it. */
function written({ weights = [20, 20, 20, 20, 20], down = [], guards, allDown, minUp }: Written = {}) {
  const members = weights.flatMap((weight, i) =>
    weight === undefined ? [] : [`{ target: t${i}, weight: ${weight} }`],
  );
  return exampleConfiguration(`apiVersion: signpost/v1
defaults: { all_down: ${allDown ?? 'fail_open'} }
vantages: { eu: {}, us: {}, ap: {} }
monitors: { web: { type: tcp, port: 80 } }
targets:
${[0, 1, 2, 3, 4].map((i) => `  t${i}: { a: 192.0.2.${i}, status: ${down.includes(i) ? 'down' : 'obey'} }`).join('\n')}
pools:
  main: { monitor: web, members: [${members.join(', ')}]${minUp === undefined ? '' : `, min_up: ${minUp}`} }
policies: { global: { rules: [{ try: [main] }] } }
zones:
  example.net:
    soa: { primary: ns1.example.net., contact: dns.example.net. }
    ns: [ns1.example.net.]
    records: { go: { steer: global }, ns1: { type: A, value: 192.0.2.53 } }
${guards === undefined ? '' : `guards: ${guards}`}
`);
}

const LIMIT = '{ max_capacity_removed: { percent: 40, within: 60s } }';
const limited = (changes: Written = {}) => written({ guards: LIMIT, ...changes });
const ALL = ['t0', 't1', 't2', 't3', 't4'];

test('what the configuration takes away goes as far as the limit, and what is beyond is held whole', () => {
  const controller = new GuardedController(limited());
  controller.apply(limited({ down: [0, 1] }));
  assert.deepEqual(controller.serving(), ['t2', 't3', 't4'], '40 % of 40 %');
  controller.apply(limited({ down: [0, 1, 2] }));
  assert.deepEqual(controller.serving(), ['t2', 't3', 't4']);
  const [hold, ...more] = controller.holds();
  assert.deepEqual(more, []);
  assert.deepEqual(
    [hold!.id, hold!.cause, hold!.targets, hold!.limit, hold!.why],
    ['global-r3', 'configuration', ['t2'], 0.4, '60 % of the capacity would go within 1m, 40 % may'],
  );
});

test('a hold outlives the window, and ends when it is approved', () => {
  const controller = new GuardedController(limited());
  controller.apply(limited({ weights: [20, 20, undefined, undefined, undefined] }));
  assert.deepEqual(controller.serving(), ALL);
  controller.nowMs += 3_600_000;
  controller.round();
  assert.deepEqual(controller.serving(), ALL);
  controller.approve('global-r2');
  assert.deepEqual(controller.serving(), ['t0', 't1']);
  assert.deepEqual(controller.holds(), []);
  assert.deepEqual(
    controller.memories.get('global')!.ended.map(({ hold, ...rest }) => ({ id: hold.id, ...rest })),
    [
      {
        id: 'global-r2',
        approval: { by: 'ops', reason: 'meant', atMs: controller.nowMs },
        reason: 'meant',
      },
    ],
  );
});

test('another configuration is judged anew: one that takes nothing away lifts the hold', () => {
  const controller = new GuardedController(limited());
  controller.apply(limited({ down: [0, 1, 2] }));
  controller.apply(limited({ down: [0, 1, 2, 3] }));
  assert.deepEqual(
    controller.holds().map(({ id }) => id),
    ['global-r3'],
  );
  controller.apply(limited());
  assert.deepEqual(controller.holds(), []);
  assert.deepEqual(
    controller.memories.get('global')!.ended.map(({ reason }) => reason),
    ['another configuration was applied', 'another configuration was applied'],
  );
});

test('the window slides: later removals start anew', () => {
  const controller = new GuardedController(limited());
  controller.apply(limited({ down: [0, 1] }));
  controller.nowMs += 60_000;
  controller.apply(limited({ down: [0, 1, 2, 3] }));
  assert.deepEqual(controller.serving(), ['t4']);
});

test('other units and new neighbours take nothing away; a lowered weight does', () => {
  const controller = new GuardedController(limited());
  controller.apply(limited({ weights: [2, 2, 2, 2, 2] }));
  assert.deepEqual(controller.holds(), []);
  controller.apply(limited({ weights: [2, 2, 2, 2, 200] }));
  assert.deepEqual(controller.holds(), []);
  controller.apply(limited({ weights: [2, 2, 2, 2, 2] }));
  assert.match(controller.holds()[0]!.why, /^76\.2 % of the capacity/);
});

test('what does not serve anyway may be taken away', () => {
  const controller = new GuardedController(limited());
  controller.say({ t0: 'down', t1: 'down', t2: 'down' });
  controller.apply(limited({ weights: [undefined, undefined, undefined, 20, 20] }));
  assert.deepEqual(controller.holds(), []);
});

test('failures that a quorum confirmed pass whatever they take, with one alarm', () => {
  const controller = new GuardedController(limited());
  controller.say({ t0: 'down', t1: 'down' });
  assert.deepEqual(controller.alarms, []);
  controller.say({ t2: 'down' });
  assert.deepEqual(
    controller.alarms.map(({ policy, share }) => [policy, Math.round(share * 100)]),
    [['global', 60]],
  );
  controller.say({ t3: 'down' });
  assert.deepEqual(controller.alarms, []);
  assert.deepEqual(controller.serving(), ['t4']);
});

test('of what a lone vantage sees down as much goes as may; the rest counts as up until it is confirmed', () => {
  const controller = new GuardedController(limited());
  controller.confirmed = false;
  controller.say({ t0: 'down', t1: 'down' });
  controller.say({ t2: 'down', t3: 'down' });
  assert.deepEqual(controller.serving(), ['t2', 't3', 't4']);
  const [hold] = controller.holds();
  assert.deepEqual([hold!.cause, hold!.targets], ['vantage', ['t2', 't3']]);
  controller.say({ t3: 'up' });
  assert.deepEqual(controller.holds()[0]!.targets, ['t2']);
  controller.confirmed = true;
  controller.round();
  assert.deepEqual(controller.serving(), ['t3', 't4']);
  assert.deepEqual(controller.memories.get('global')!.ended.at(-1)!.reason, 'its cause is gone');
});

test('what came back within the window does not count as gone', () => {
  const controller = new GuardedController(limited());
  controller.confirmed = false;
  for (let i = 0; i < 5; i += 1) {
    controller.say({ t0: 'down', t1: 'down' });
    assert.deepEqual(controller.serving(), ['t2', 't3', 't4']);
    controller.say({ t0: 'up', t1: 'up' });
    assert.deepEqual(controller.serving(), ALL);
  }
});

test('what went and is then no member any more has not come back', () => {
  const controller = new GuardedController(limited());
  controller.confirmed = false;
  controller.say({ t0: 'down', t1: 'down' });
  assert.deepEqual(controller.serving(), ['t2', 't3', 't4'], '40 % of 40 %');
  const weights = [undefined, undefined, 20, 20, 20];
  controller.apply(limited({ weights }));
  controller.apply(limited({ weights, down: [2] }));
  assert.deepEqual(controller.serving(), ['t2', 't3', 't4']);
});

test('without guards only what would leave a name without an answer is held', () => {
  const controller = new GuardedController(written());
  controller.confirmed = false;
  controller.say({ t0: 'down', t1: 'down', t2: 'down', t3: 'down' });
  controller.say({ t0: 'up', t1: 'up', t2: 'up', t3: 'up' });
  controller.apply(written({ down: [0, 1, 2, 3] }));
  assert.deepEqual(controller.serving(), ['t4']);
  controller.apply(written({ down: [0, 1, 2, 3, 4] }));
  assert.deepEqual(controller.serving(), ['t4']);
  assert.match(controller.holds()[0]!.why, /no answer left/);
  controller.apply(written({ down: [0, 1, 2, 3, 4], allDown: 'nodata' }));
  assert.deepEqual(controller.serving(), [], 'it is meant');
});

test('an override of a small share passes at once; what would leave no answer is held until it is approved', () => {
  const controller = new GuardedController(written());
  controller.override({ t0: 'drain', t1: 'down', t2: 'down' });
  assert.deepEqual([controller.serving(), controller.holds()], [['t3', 't4'], []]);
  controller.override({ t0: 'down', t3: 'down', t4: 'down' });
  assert.deepEqual(controller.serving(), ['t0', 't3', 't4']);
  const [hold] = controller.holds();
  assert.deepEqual([hold!.cause, hold!.targets], ['override', ['t0', 't3', 't4']]);
  assert.match(hold!.why, /no answer left/);
  controller.say({ t3: 'down' });
  assert.deepEqual(controller.serving(), ['t0', 't4'], 'what is confirmed counts meanwhile');
  controller.approve(hold!.id);
  assert.deepEqual([controller.serving(), controller.holds()], [[], []]);
});

test('what is down anyway still answers by fail_open: setting all of it down is held, draining it is not', () => {
  const controller = new GuardedController(written());
  const all = (set: OverrideSetting | undefined) => Object.fromEntries(ALL.map((target) => [target, set]));
  controller.say({ t0: 'down', t1: 'down', t2: 'down', t3: 'down', t4: 'down' });
  controller.override(all('drain'));
  assert.deepEqual([controller.serving(), controller.holds()], [ALL, []]);
  controller.override(all('down'));
  assert.deepEqual(controller.serving(), ALL);
  assert.equal(controller.holds().length, 1);
  controller.override(all(undefined));
  assert.deepEqual(controller.holds(), []);
});

test('a configuration that an override alone keeps from leaving no answer is held', () => {
  const controller = new GuardedController(written({ down: [0, 1, 2, 3] }));
  controller.override({ t4: 'up' });
  controller.apply(written({ down: [0, 1, 2, 3, 4] }));
  assert.equal(controller.holds()[0]!.cause, 'configuration');
  controller.override({ t4: undefined });
  assert.deepEqual(controller.serving(), ['t4']);
});

test('what checks call down while its override is held is not set down for that: it still answers by fail_open', () => {
  const controller = new GuardedController(limited());
  controller.override({ t0: 'drain', t2: 'down', t4: 'drain' });
  assert.deepEqual(controller.serving(), ALL, '60 % of 40 %');
  controller.apply(written({ weights: [20, undefined, 20, 20, 1] }));
  controller.confirmed = false;
  controller.say({ t2: 'down' });
  assert.deepEqual(controller.serving(), ['t0', 't3', 't4']);
  assert.deepEqual(controller.holds()[0]!.targets, ['t0', 't2', 't4']);
  controller.apply(written({ weights: [undefined, undefined, 0, undefined, 1], down: [4] }));
  assert.notDeepEqual(controller.serving(), []);
});

/** As `written`, with a rule of t4 alone before that of everybody. */
function withOwnRule(when: PolicyRule['when'], changes: Written = {}): Configuration {
  const configuration = written({ weights: [20, 20, 20, 20], ...changes });
  const rules = [{ when, try: ['own'] }, { try: ['main'] }];
  return {
    ...configuration,
    pools: { ...configuration.pools, own: { members: [{ target: 't4', weight: 1 }] } },
    policies: { global: { ...configuration.policies['global']!, rules } },
  };
}

test('what would leave a rule no answer is held also while the time window of that rule is closed', () => {
  const night = { times: [{ from: '22:00', to: '06:00', zone: 'UTC' }] };
  const controller = new GuardedController(withOwnRule(night));
  controller.override({ t4: 'down' });
  assert.match(controller.holds()[0]!.why, /no answer left/);
  controller.override({ t4: undefined, t0: 'down', t1: 'down', t2: 'down', t3: 'down' });
  assert.match(controller.holds()[0]!.why, /no answer left/);
});

test('that one rule was let go without an answer lets no other one go', () => {
  const controller = new GuardedController(withOwnRule({ geos: ['EU'] }));
  controller.override({ t4: 'down' });
  controller.approve(controller.holds()[0]!.id);
  assert.deepEqual([controller.serving(), controller.holds()], [['t0', 't1', 't2', 't3'], []]);
  controller.override({ t0: 'down', t1: 'down', t2: 'down', t3: 'down' });
  assert.deepEqual(controller.serving(), ['t0', 't1', 't2', 't3']);
  controller.apply(withOwnRule({ geos: ['EU'] }, { down: [0, 1, 2, 3, 4] }));
  assert.deepEqual(controller.serving(), ['t0', 't1', 't2', 't3']);
});

test('an override beyond the limit is held', () => {
  const controller = new GuardedController(limited());
  controller.override({ t0: 'drain', t1: 'drain' });
  assert.deepEqual(controller.serving(), ['t2', 't3', 't4']);
  controller.override({ t2: 'drain' });
  assert.deepEqual(controller.serving(), ['t2', 't3', 't4']);
  assert.equal(controller.holds()[0]!.why, '60 % of the capacity would go within 1m, 40 % may');
});

test('a held override stays held while checks find its target down, which answers again when it is up', () => {
  const controller = new GuardedController(limited());
  controller.override({ t0: 'drain', t1: 'drain', t2: 'drain' });
  assert.deepEqual(controller.serving(), ALL, '60 % of 40 %');
  controller.say({ t0: 'down', t1: 'down', t2: 'down' });
  controller.round();
  assert.deepEqual(controller.serving(), ['t3', 't4']);
  controller.say({ t0: 'up', t1: 'up', t2: 'up' });
  assert.deepEqual(controller.serving(), ALL);
  assert.deepEqual(controller.holds()[0]!.targets, ['t0', 't1', 't2']);
  controller.override({ t0: undefined, t1: undefined, t2: undefined });
  assert.deepEqual(controller.holds(), []);
});

test('an assertion holds a removal that would break it, and no confirmed failure', () => {
  const guards = '{ assertions: [{ pools: [main], at_least_up: 1 }] }';
  const asserted = (down: number[]) => written({ guards, down, minUp: '50%' });
  const controller = new GuardedController(asserted([]));
  controller.apply(asserted([0, 1]));
  assert.deepEqual(controller.holds(), []);
  controller.apply(asserted([0, 1, 2]));
  assert.equal(controller.holds()[0]!.why, '0 of the pools main would be up, 1 must be');
  controller.apply(asserted([]));
  controller.say({ t0: 'down', t1: 'down', t2: 'down' });
  assert.deepEqual(controller.serving(), ['t3', 't4']);
});

test('an assertion that failures broke already holds what would make it worse, and nothing else', () => {
  const asserted = (down: readonly number[] = []) => {
    const configuration = written({ weights: [20, 20, 20, undefined, undefined], minUp: '100%', down });
    const spare = (i: number) => ({ members: [{ target: `t${i}`, weight: 20 }] });
    return {
      ...configuration,
      pools: { ...configuration.pools, p3: spare(3), p4: spare(4) },
      policies: { global: { ...configuration.policies['global']!, rules: [{ try: ['main', 'p3', 'p4'] }] } },
      guards: { assertions: [{ pools: ['main', 'p3', 'p4'], at_least_up: 3 }] },
    };
  };
  const controller = new GuardedController(asserted());
  controller.say({ t0: 'down' });
  assert.deepEqual(controller.holds(), [], 'main is down by a confirmed failure');
  controller.override({ t1: 'drain' });
  assert.deepEqual(controller.holds(), [], 'it is no further down by that');
  controller.override({ t4: 'drain' });
  assert.equal(controller.holds()[0]!.why, '1 of the pools main, p3, p4 would be up, 3 must be');
  controller.apply(asserted([3]));
  assert.deepEqual(
    controller.holds().map(({ cause }) => cause),
    ['override', 'configuration'],
  );
});

test('a change that drops the guards is judged by those it drops', () => {
  const controller = new GuardedController(limited());
  controller.apply(written({ down: [0, 1, 2] }));
  assert.deepEqual(controller.serving(), ALL);
});

test('nor does it shorten the window that it is judged by', () => {
  const hourly = '{ max_capacity_removed: { percent: 40, within: 1h } }';
  const controller = new GuardedController(written({ guards: hourly }));
  controller.apply(written({ guards: hourly, down: [0, 1] }));
  controller.nowMs += 600_000;
  controller.apply(written({ down: [0, 1, 2] }));
  assert.equal(controller.holds()[0]!.why, '60 % of the capacity would go within 1h, 40 % may');
  assert.deepEqual(controller.serving(), ['t2', 't3', 't4']);
});

test('while a configuration is held its guards are not in force', () => {
  const controller = new GuardedController(limited());
  controller.apply(written({ down: [0, 1, 2] }));
  controller.override({ t2: 'drain', t3: 'drain', t4: 'drain' });
  assert.deepEqual(controller.serving(), ALL);
  assert.deepEqual(
    controller.holds().map(({ cause }) => cause),
    ['configuration', 'override'],
  );
});

const step = fc.oneof(
  fc.record({
    kind: fc.constant('apply' as const),
    weights: fc.array(fc.constantFrom(undefined, 0, 1, 20), { minLength: 4, maxLength: 4 }),
    down: fc.subarray([0, 1, 2, 3, 4]),
    limited: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('say' as const),
    states: fc.dictionary(fc.constantFrom(...ALL), fc.constantFrom<HealthState>(...HEALTH_STATES), {
      noNullPrototype: true,
    }),
    confirmed: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('override' as const),
    settings: fc.dictionary(
      fc.constantFrom(...ALL),
      fc.constantFrom<OverrideSetting | undefined>('drain', 'down', 'up', undefined),
      { noNullPrototype: true },
    ),
  }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 60_000) }),
);

test('no sequence of verdicts, overrides and configurations leaves a name without an answer', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const controller = new GuardedController(limited());
      for (const each of steps) {
        controller.nowMs += 1;
        if (each.kind === 'wait') controller.nowMs += each.ms;
        else if (each.kind === 'say') {
          controller.confirmed = each.confirmed;
          controller.say(each.states);
        } else if (each.kind === 'override') controller.override(each.settings);
        else controller.apply(written(configured(each)));
        const set = controller.set('go.example.net');
        assert.ok(set!.groups.every(({ answers }) => answers.length > 0));
      }
    }),
    { numRuns: 500 },
  );
});

test('no more than the limit goes unconfirmed within the window, whatever is applied and seen', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const controller = new GuardedController(limited());
      controller.confirmed = false;
      for (const each of steps) {
        controller.nowMs += 1;
        if (each.kind === 'say') controller.say(each.states);
        else if (each.kind === 'apply') controller.apply(limited({ down: each.down }));
        else if (each.kind === 'override') controller.override(withoutUp(each.settings));
        // All within one window, and weights are equal: at most 2 of 5 may be missing.
        assert.ok(controller.serving().length >= 3 || unknownOnly(controller), controller.serving().join());
      }
    }),
  );
});

/** What `up` brings back over `status: down` is no capacity of the configuration, and may go again. */
function withoutUp(settings: Readonly<Record<string, OverrideSetting | undefined>>) {
  return Object.fromEntries(
    Object.entries(settings).map(([target, set]) => [target, set === 'up' ? undefined : set]),
  );
}

/** Targets of which nothing is known do not serve beside others, and nobody took them away. */
function unknownOnly({ states }: GuardedController): boolean {
  return Object.values(states).includes('unknown');
}

function configured({
  weights,
  down,
  limited: withLimit,
}: {
  weights: readonly (number | undefined)[];
  down: readonly number[];
  limited: boolean;
}): Written {
  return { weights: [...weights, 1], down, ...(withLimit && { guards: LIMIT }) };
}

test('a policy of which nothing is kept starts with what is there', () => {
  const controller = new GuardedController(limited({ down: [0, 1, 2] }));
  assert.deepEqual(controller.serving(), ['t3', 't4']);
  assert.deepEqual(controller.memories.get('global'), {
    policy: 'global',
    revision: 1,
    gone: ['t0', 't1', 't2'],
    withdrawn: [],
    window: [],
    holds: [],
    told: [],
    ended: [],
  });
});

test('what one policy holds does not hold another', () => {
  const both = (down: readonly number[]): Configuration => {
    const configuration = limited({ down });
    return {
      ...configuration,
      pools: {
        ...configuration.pools,
        wide: { members: [0, 1, 2, 3, 4].map((i) => ({ target: `t${i}`, weight: i === 4 ? 1_000 : 1 })) },
      },
      policies: {
        ...configuration.policies,
        other: { rules: [{ try: ['wide'] }], within: { pick: 'weighted', select: 1 } },
      },
    };
  };
  const controller = new GuardedController(both([]));
  controller.apply(both([0, 1, 2]));
  assert.equal(controller.holds('global').length, 1);
  assert.deepEqual(controller.holds('other'), []);
});
