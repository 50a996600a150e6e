import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HealthState } from '@signpost/contracts/health';
import type { Place } from '@signpost/contracts/place';
import { explanationSchema } from '@signpost/contracts/explanation';

import { INITIAL_STATE, type ControllerState, type PairVerdict } from '../reconcile/controller-state.ts';
import { EXAMPLE_YAML, exampleConfiguration } from '../testing/example-configuration.ts';
import { buildTopology } from '../topology/topology.ts';
import type { Dissents } from '../verdict/dissent.ts';
import { type ClientFinder, explain } from './explain.ts';
import { parseClient } from './parse-client.ts';

const LONDON: Place = { continent: 'EU', country: 'GB', subdivision: 'ENG', prefixLength: 20 };
const FINDER: ClientFinder = { place: () => LONDON };

function stateOf(
  states: Readonly<Record<string, HealthState>>,
  written = exampleConfiguration(),
): ControllerState {
  const topology = buildTopology(written);
  const verdicts = new Map<string, PairVerdict>();
  for (const [key, { monitor, target }] of topology.pairs) {
    const state = states[target] ?? 'up';
    const families = { ipv4: state, ipv6: state };
    verdicts.set(key, {
      settled: true,
      verdict: { monitor, target, state, families, sinceMs: 1, reason: 'said so' },
    });
  }
  const configuration = { revision: 1, hash: '', fileHash: undefined, atMs: 0, written: {}, topology };
  return { ...INITIAL_STATE, configuration, verdicts };
}

function explained(
  name: string,
  states: Readonly<Record<string, HealthState>> = {},
  client = '81.2.69.0/24',
) {
  const question = { name, client: parseClient(client)! };
  return explanationSchema.parse(explain(stateOf(states), question, FINDER, 0));
}

test('a steered name is explained by rule, stage and target, with shares and scope', () => {
  const { outcome, policy, zone, rules, answers, scope } = explained('go.example.net');
  assert.deepEqual([outcome, policy, zone, scope], ['steered', 'global', 'example.net', 20]);
  assert.deepEqual(
    rules.map(({ matched }) => matched),
    [true, false],
  );
  const a = answers.find(({ type }) => type === 'A')!;
  assert.deepEqual(
    a.candidates.map(({ rdata, share }) => [rdata, share]),
    [
      ['192.0.2.10', 0.8],
      ['192.0.2.11', 0.2],
    ],
  );
});

test('a pool that is down is named, with the reason of its targets, and the next one serves', () => {
  const { rules, answers } = explained('go.example.net', { 'eu-a': 'down', 'eu-b': 'down' });
  const [eu, us] = rules[0]!.stages;
  assert.deepEqual([eu!.taken, us!.taken], [false, true]);
  assert.equal(eu!.pools[0]!.members[0]!.reason, 'said so');
  assert.deepEqual(answers.find(({ type }) => type === 'A')!.candidates[0]!.rdata, '198.51.100.10');
});

test('a client near a vantage that sees a target down is explained by its view', () => {
  const state = stateOf({}, exampleConfiguration(EXAMPLE_YAML.replace('eu: {}', 'eu: { near: [EU] }')));
  const dissents: Dissents = new Map([['eu', { families: { ipv4: 'down' }, reason: 'timed out' }]]);
  const verdicts = new Map(state.verdicts);
  verdicts.set('web.eu-b', { ...verdicts.get('web.eu-b')!, dissents });
  // It has an address of one family, and its verdict both.
  const verdict = { ...verdicts.get('web.eu-b')!.verdict, families: { ipv4: 'up' as const } };
  verdicts.set('web.eu-b', { ...verdicts.get('web.eu-b')!, verdict });
  const question = { name: 'go.example.net', client: parseClient('81.2.69.0/24')! };
  const near = explanationSchema.parse(explain({ ...state, verdicts }, question, FINDER, 0));
  assert.deepEqual(near.view, { vantage: 'eu', near: 'EU', reason: 'eu-b down, by quorum up' });
  assert.equal(
    near.rules[0]!.stages[0]!.pools[0]!.members[1]!.reason,
    'seen so from vantage eu: timed out; by quorum up, said so',
  );
  const a = near.answers.find(({ type }) => type === 'A')!;
  assert.deepEqual(
    a.candidates.map(({ target }) => target),
    ['eu-a'],
  );
  const elsewhere = { ...LONDON, continent: 'NA', country: 'US', subdivision: '' };
  assert.equal(explain({ ...state, verdicts }, question, { place: () => elsewhere }, 0).view, undefined);
});

test('a name whose types are steered by several policies is explained by all of them', () => {
  const yaml = EXAMPLE_YAML.replace(
    'go: { steer: global }',
    'go: [ { steer: global, types: [A] }, { steer: v6, types: [AAAA] } ]',
  ).replace('policies:', 'policies:\n  v6: { rules: [ { try: [eu] } ] }');
  const state = stateOf({}, exampleConfiguration(yaml));
  const question = { name: 'go.example.net', client: parseClient('81.2.69.0/24')! };
  const { policy, answers, notes } = explain(state, question, FINDER, 0);
  assert.deepEqual([policy, notes], ['global', ['AAAA by policy v6']]);
  assert.deepEqual(
    answers.map(({ type }) => type),
    ['A', 'AAAA'],
  );
});

test('names that no policy answers are explained as what they are', () => {
  const outcomes = {
    'www.example.net': 'static',
    'example.net': 'static',
    'b.example.net': 'nodata',
    'nothing.example.net': 'nxdomain',
    'x.y.wild.example.net': 'static',
    'wild.example.net': 'nodata',
    'example.org': 'refused',
    net: 'refused',
  };
  for (const [name, outcome] of Object.entries(outcomes))
    assert.equal(explained(name).outcome, outcome, name);
  assert.deepEqual(explained('www.example.net').answers, [
    { type: 'CNAME', ttl: 300, select: 1, candidates: [{ rdata: 'go.example.net.', share: 1 }] },
  ]);
});

test('before the first configuration every name is refused', () => {
  const question = { name: 'go.example.net', client: parseClient('::1')! };
  assert.equal(explain(INITIAL_STATE, question, FINDER, 0).outcome, 'refused');
});

test('a client is an address or a prefix, whose host bits do not matter', () => {
  assert.equal(parseClient('81.2.69.160')!.text, '81.2.69.160/32');
  assert.equal(parseClient('81.2.69.160/24')!.text, '81.2.69.0/24');
  assert.equal(parseClient('2001:db8:1:2::3/48')!.text, '2001:db8:1::/48');
  for (const wrong of ['', '1.2.3', '1.2.3.4/33', '::/129', '1.2.3.4/', '1.2.3.4/8/8', 'example.net']) {
    assert.equal(parseClient(wrong), undefined, wrong);
  }
});

test('a client of an autonomous system is explained by the rule on it, by the bits that its look-up took', () => {
  const rules = EXAMPLE_YAML.replace('when: { geos: [EU] }', 'when: { asns: [64500] }');
  const question = { name: 'go.example.net', client: parseClient('81.2.69.0/24')! };
  const explainedBy = (finder: ClientFinder) =>
    explanationSchema.parse(explain(stateOf({}, exampleConfiguration(rules)), question, finder, 0));
  const inside = explainedBy({ ...FINDER, system: () => ({ asn: 64_500, prefixLength: 22 }) });
  assert.deepEqual([inside.place.asn, inside.rules[0]!.matched, inside.scope], [64_500, true, 22]);
  const outside = explainedBy({ ...FINDER, system: () => ({ asn: 64_501, prefixLength: 17 }) });
  assert.deepEqual([outside.place.asn, outside.rules[0]!.matched, outside.scope], [64_501, false, 17]);
  const unknown = explainedBy(FINDER);
  assert.deepEqual([unknown.place.asn, unknown.rules[0]!.matched, unknown.scope], [undefined, false, 0]);
});
