/** Sets that carry the views of single vantages: when they do, who gets which, and at what scope. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HealthState } from '@signpost/contracts/health';
import type { Place } from '@signpost/contracts/place';
import { steeredRecordSetSchema, type SteeredRecordSet } from '@signpost/contracts/record-set';
import * as fc from 'fast-check';

import { createChance, seedOf } from './chance.ts';
import { compilePolicy, type SteeredType } from './compile-policy.ts';
import type { HealthView, RegionalView } from './health-view.ts';
import type { ClientView } from './match-client.ts';
import { nearestView } from './plan-regional.ts';
import type { PolicyInput } from './policy-input.ts';
import { arbitraryClient, clientOf } from './reference/arbitrary-client.ts';
import { arbitraryPolicy, arbitraryRegionalPolicy } from './reference/arbitrary-policy.ts';
import { createSelection, prepareSteering, selectAnswer } from './select-answer.ts';

const OWNER = 'go.example.net';
const TYPES: readonly SteeredType[] = ['A', 'AAAA', 'CNAME'];
const SINGAPORE: Place = { continent: 'AS', country: 'SG', subdivision: '', prefixLength: 17 };
const TURKEY: Place = { continent: 'AS', country: 'TR', subdivision: '', prefixLength: 19 };
const PARIS: Place = { continent: 'EU', country: 'FR', subdivision: '', prefixLength: 13 };

type Seen = Readonly<Record<string, HealthState>>;

const healthOf =
  (seen: Seen): HealthView =>
  (_monitor, target) => {
    const state = seen[target] ?? 'up';
    return { state, ipv4: state, ipv6: state, reason: 'as told' };
  };

interface Near {
  readonly near: readonly string[];
  /** Absent: no view of its own. */
  readonly seen?: Seen;
}

function inputOf(
  quorum: Seen,
  vantages: Readonly<Record<string, Near>>,
  allDown: 'fail_open' | 'nodata' = 'fail_open',
): PolicyInput {
  const regional: RegionalView[] = Object.entries(vantages).map(([vantage, { near, seen }]) => ({
    vantage,
    near,
    health: seen === undefined ? undefined : healthOf(seen),
  }));
  return {
    policyName: 'global',
    policy: {
      rules: [{ when: { geos: ['EU'] }, try: ['eu', 'us'] }, { try: ['us', 'eu'] }],
      within: { pick: 'weighted', select: 1 },
    },
    defaultAllDown: allDown,
    ttl: { stable: 30, suspect: 10, floor: 5, settle: 0 },
    pools: {
      eu: { monitor: 'web', members: [{ target: 'eu-a', weight: 1 }] },
      us: { monitor: 'web', members: [{ target: 'us-a', weight: 1 }] },
    },
    targets: {
      'eu-a': { a: '192.0.2.10', aaaa: '2001:db8::10', status: 'obey' },
      'us-a': { a: '198.51.100.10', status: 'obey' },
    },
    health: Object.assign(healthOf(quorum), { regional }),
  };
}

const clientIn = (place: Place): ClientView => ({
  ...clientOf(4, Uint8Array.of(203, 0, 113, 9), 24),
  place: () => place,
});

function chosen(set: SteeredRecordSet, client: ClientView) {
  const selection = createSelection();
  selectAnswer(prepareSteering(set), client, createChance(seedOf(set, OWNER)), selection);
  return { group: set.groups[selection.group]!, scope: selection.scope };
}

function answered(input: PolicyInput, place: Place): readonly [address: string | undefined, scope: number] {
  const { group, scope } = chosen(compilePolicy(input, 'A')!, clientIn(place));
  return [group.answers[0]?.rdata, scope];
}

test('clients near the vantage that sees a target down go elsewhere, and only they', () => {
  const input = inputOf({}, { ap: { near: ['AS'], seen: { 'us-a': 'down' } }, eu: { near: ['EU'] } });
  assert.deepEqual(answered(input, SINGAPORE), ['192.0.2.10', 17]);
  assert.deepEqual(answered(input, PARIS), ['192.0.2.10', 13]);
  const there: Place = { continent: 'SA', country: 'BR', subdivision: '', prefixLength: 21 };
  assert.deepEqual(answered(input, there), ['198.51.100.10', 21]);
  const { views, ttl } = compilePolicy(input, 'A')!;
  assert.deepEqual(views, [{ vantage: 'ap', near: ['AS'], rules: [{ branch: 0 }] }]);
  assert.equal(ttl, 10);
});

test('a vantage that still sees a target which the quorum has down keeps the clients near it', () => {
  const input = inputOf({ 'us-a': 'down' }, { ap: { near: ['AS'], seen: {} } });
  assert.equal(answered(input, SINGAPORE)[0], '198.51.100.10');
  assert.equal(answered(input, { ...SINGAPORE, continent: 'OC', country: 'NZ' })[0], '192.0.2.10');
});

test('the most specific code decides, also that of a vantage which sees what all see', () => {
  const input = inputOf(
    {},
    {
      ap: { near: ['AS'], seen: { 'us-a': 'down' } },
      tr: { near: ['AS-TR', 'EU-GR'] },
      us: { near: ['NA'] },
    },
  );
  assert.equal(answered(input, SINGAPORE)[0], '192.0.2.10');
  assert.equal(answered(input, TURKEY)[0], '198.51.100.10');
  assert.deepEqual(compilePolicy(input, 'A')!.views!.at(-1), { vantage: 'tr', near: ['AS-TR'] });
});

test('a vantage that sees every pool of a rule down is not followed', () => {
  const nothing: Seen = { 'eu-a': 'down', 'us-a': 'down' };
  for (const allDown of ['fail_open', 'nodata'] as const) {
    const input = inputOf({}, { ap: { near: ['AS'], seen: nothing } }, allDown);
    assert.equal(compilePolicy(input, 'A')!.views, undefined);
    assert.equal(answered(input, SINGAPORE)[0], '198.51.100.10');
  }
});

test('one address family is enough to differ, and then only its set carries the view', () => {
  const input = inputOf({ 'us-a': 'down' }, { ap: { near: ['AS'] } });
  const own: HealthView = (_monitor, target) => ({
    ...healthOf({ 'us-a': 'down' })(undefined, target),
    ...(target === 'eu-a' && { ipv6: 'down' as const }),
  });
  const health = Object.assign(input.health.bind(undefined), {
    regional: [{ vantage: 'ap', near: ['AS'], health: own }],
  });
  assert.equal(compilePolicy({ ...input, health }, 'A')!.views, undefined);
  const set = compilePolicy({ ...input, health }, 'AAAA')!;
  assert.deepEqual(chosen(set, clientIn(SINGAPORE)).group.answers, []);
  assert.equal(chosen(set, clientIn(PARIS)).group.answers.length, 1);
});

test('a reader takes a set whose fields it does not all know', () => {
  const set = compilePolicy(inputOf({}, {}), 'A')!;
  assert.deepEqual(steeredRecordSetSchema.parse({ ...set, later: 1 }), set);
});

test('no view is published that leads to the same answers', () => {
  fc.assert(
    fc.property(arbitraryPolicy, (input) => {
      const same: HealthView = (monitor, target) => input.health(monitor, target);
      const regional = [{ vantage: 'v', near: ['EU'], health: same }];
      const health = Object.assign(same.bind(undefined), { regional });
      for (const type of TYPES) {
        assert.deepEqual(compilePolicy({ ...input, health }, type), compilePolicy(input, type));
      }
    }),
  );
  let carried = 0;
  fc.assert(
    fc.property(arbitraryRegionalPolicy, (input) => {
      for (const type of TYPES) {
        const set = compilePolicy(input, type);
        for (const { rules } of set?.views ?? []) {
          carried += 1;
          if (rules !== undefined) assert.notDeepEqual(rules, set!.rules);
        }
        if (set?.views !== undefined) assert.ok(set.views.some(({ rules }) => rules !== undefined));
        if (set !== undefined) assert.deepEqual(steeredRecordSetSchema.parse(set), set);
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(carried > 100, `only ${carried} views`);
});

test('each client gets what the policy would be if the nearest vantage were right, but for a rule it sees all down', () => {
  fc.assert(
    fc.property(arbitraryRegionalPolicy, arbitraryClient, (input, client) => {
      const own = nearestView(input.health, client.place())?.view.health;
      const rule = input.policy.rules[ruleOf(input, client)]!;
      for (const type of TYPES) {
        const set = compilePolicy(input, type);
        if (set === undefined) continue;
        const { group, scope } = chosen(set, client);
        assert.deepEqual(group, expected(input, rule, own, type, client));
        if (set.views !== undefined) assert.ok(scope >= client.place().prefixLength);
        if (group.standing === 'fail_open') continue;
        const down = (health: HealthView) =>
          group.answers.some(
            ({ target }) => input.targets[target]!.status === 'obey' && health('m', target).state === 'down',
          );
        assert.ok(!down(input.health) || (own !== undefined && !down(own)));
      }
    }),
    { numRuns: 500 },
  );
});

/** By a set that has one group per rule. */
function ruleOf({ policy }: PolicyInput, client: ClientView): number {
  const last = policy.rules.findIndex(({ when }) => when?.subnets === undefined && when?.geos === undefined);
  const rules = policy.rules.slice(0, last + 1);
  const steering = prepareSteering({
    rules: rules.map(({ when }, branch) => ({
      ...(when && Object.keys(when).length > 0 && { when: [when] }),
      branch,
    })),
    branches: rules.map((_, group) => ({ group })),
    groups: rules.map(() => ({
      pool: 'p',
      type: 'A',
      pick: 'weighted',
      select: 1,
      standing: 'healthy',
      answers: [],
    })),
  });
  const selection = createSelection();
  selectAnswer(steering, client, createChance(), selection);
  return selection.group;
}

function expected(
  input: PolicyInput,
  rule: PolicyInput['policy']['rules'][number],
  own: HealthView | undefined,
  type: SteeredType,
  client: ClientView,
) {
  const everybody: HealthView = (monitor, target) => input.health(monitor, target);
  const groupBy = (health: HealthView, of: SteeredType) => {
    const policy = { ...input.policy, rules: [{ try: rule.try }] };
    const set = compilePolicy({ ...input, policy, health }, of);
    return set === undefined ? undefined : chosen(set, client).group;
  };
  // The standing is that of every type; a CNAME set of one rule alone may be missing.
  const standing = own === undefined ? 'nodata' : groupBy(own, 'A')!.standing;
  const followed = standing === 'healthy' || standing === 'last_resort' ? own! : everybody;
  return groupBy(followed, type) ?? { ...groupBy(followed, 'A')!, type, select: 1, answers: [] };
}

test('all types choose the same pool, whatever vantages see', () => {
  fc.assert(
    fc.property(arbitraryRegionalPolicy, arbitraryClient, (input, client) => {
      const pools = TYPES.flatMap((type) => {
        const set = compilePolicy(input, type);
        return set === undefined ? [] : [chosen(set, client).group.pool];
      });
      assert.equal(new Set(pools).size, 1);
    }),
    { numRuns: 300 },
  );
});
