import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkConfiguration, formatMistake } from './check-configuration.ts';
import { MAX_TEXT_LENGTH } from './read-yaml.ts';

const GOOD = `apiVersion: signpost/v1
vantages: { local: {} }
monitors:
  web: { type: http, url: { host: go.example.net }, interval: 1s, timeout: 500ms }
targets:
  eu-a: { a: 192.0.2.10, aaaa: "2001:db8:1::10" }
  us-a: { a: 198.51.100.10 }
pools:
  eu: { monitor: web, members: [ { target: eu-a } ], min_up: 50% }
  us: { monitor: web, members: [ { target: us-a } ] }
policies:
  global:
    rules:
      - { when: { geos: [EU] }, try: [eu, us] }
      - { try: [ { weighted: { us: 90, eu: 10 } } ] }
zones:
  example.net:
    soa: { primary: ns1.example.net., contact: dns.example.net. }
    ns: [ns1.example.net.]
    records:
      go: { steer: global }
      "@":
        - { type: MX, values: [ { preference: 10, exchange: mail.example.net. } ] }
        - { type: TXT, value: v=spf1 -all }
`;

/** `line:column path: message` of every mistake. */
function mistakesOf(text: string): string[] {
  const checked = checkConfiguration(text, 'f');
  return checked.ok ? [] : checked.mistakes.map((mistake) => formatMistake(mistake).slice(2));
}

/** The good file with one part replaced. */
function broken(part: string, replacement: string): string[] {
  assert.ok(GOOD.includes(part), part);
  return mistakesOf(GOOD.replace(part, () => replacement));
}

test('a good file gives the configuration with its defaults, and what was written', () => {
  const checked = checkConfiguration(GOOD, 'signpost.yaml');
  assert.deepEqual(mistakesOf(GOOD), []);
  assert.ok(checked.ok);
  const web = checked.configuration.monitors['web'];
  assert.ok(web?.type === 'http');
  assert.equal(web.interval, 1_000);
  assert.equal(checked.configuration.pools['eu']?.min_up, 0.5);
  assert.equal(checked.configuration.defaults.all_down, 'fail_open');
  assert.equal(checked.input.pools?.['eu']?.min_up, '50%');
  assert.deepEqual(Object.keys(checked.input), [
    'apiVersion',
    'vantages',
    'monitors',
    'targets',
    'pools',
    'policies',
    'zones',
  ]);
});

test('all mistakes of shape and of reference are all named in one run, each at its line and column', () => {
  const text = `apiVersion: signpost/v1
vantages: { local: {} }
monitors:
  web: { type: tcp, port: 80, intervall: 5s }
targets:
  eu-a: { a: 192.0.2.300 }
  us-a: { a: 192.0.2.1 }
pools:
  eu:
    monitor: wep
    members:
      - { target: eu-a, weight: -1 }
      - { target: eu-b }
  us: { monitor: web, members: [ { target: us-b } ] }
policies:
  global:
    rules:
      - when: { geos: [US] }
        try: [us]
      - try: [uss]
`;
  assert.deepEqual(mistakesOf(text), [
    '4:31 monitors.web.intervall: unknown key "intervall"; did you mean "interval"?',
    '6:14 targets.eu-a.a: "192.0.2.300" is no IPv4 address; write one such as 192.0.2.1',
    '10:14 pools.eu.monitor: there is no monitor "wep"; did you mean "web"?',
    '12:33 pools.eu.members[0].weight: -1 is too small; at least 0',
    '13:19 pools.eu.members[1].target: there is no target "eu-b"; did you mean "eu-a"?',
    '14:44 pools.us.members[0].target: there is no target "us-b"; did you mean "us-a"?',
    '18:24 policies.global.rules[0].when.geos[0]: geo codes start with the continent: write "NA-US" instead of "US"',
    '20:15 policies.global.rules[1].try[0]: there is no pool "uss"; did you mean "us"?',
  ]);
});

test('names in a malformed noun or record are checked in the same run', () => {
  const text = `apiVersion: signpost/v1
vantages: { local: {} }
monitors:
  web: { type: tcp, port: 80, interval: 2, vantages: { use: [lokal] } }
  sum: { type: calculated, all: [wep], rise: 2 }
targets: { eu-a: { a: 192.0.2.1, sitte: x } }
pools:
  eu: { monitor: wep, members: [ { target: eu-a, weight: 10% }, { target: eu-b } ] }
policies:
  all:
    rules:
      - { when: { geos: [UK], subnets: [10.0.0.1/8] }, try: [ { weighted: { europa: 10%, eu: 5 } }, us, 5 ], trickle: 1 }
      - { try: [ { policy: any }, { nearest: [eu, uz], bias: { eu: much } } ] }
    fallback: none
zones:
  a.test:
    soa: { primary: ns1.a.test., contact: x.a.test. }
    ns: [ns1.b.test.]
    records: { www: { steer: al, ttl: 30s } }
`;
  assert.deepEqual(
    mistakesOf(text).filter((line) => /there is no|no geo code|bits set/.test(line)),
    [
      '4:62 monitors.web.vantages.use[0]: there is no vantage "lokal"; did you mean "local"?',
      '5:34 monitors.sum.all[0]: there is no monitor "wep"; did you mean "web"?',
      '8:18 pools.eu.monitor: there is no monitor "wep"; did you mean "web"?',
      '8:75 pools.eu.members[1].target: there is no target "eu-b"; did you mean "eu-a"?',
      '12:26 policies.all.rules[0].when.geos[0]: "UK" is no geo code; write "EU-GB"',
      '12:41 policies.all.rules[0].when.subnets[0]: "10.0.0.1/8" has bits set behind its length; write 10.0.0.0/8',
      '12:77 policies.all.rules[0].try[0].weighted.europa: there is no pool "europa"; pools: eu',
      '12:101 policies.all.rules[0].try[1]: there is no pool "us"; pools: eu',
      '13:28 policies.all.rules[1].try[0].policy: there is no policy "any"; policies: all',
      '13:51 policies.all.rules[1].try[1].nearest[1]: there is no pool "uz"; pools: eu',
      '14:15 policies.all.fallback: there is no pool "none"; pools: eu',
      '19:30 zones["a.test"].records.www.steer: there is no policy "al"; did you mean "all"?',
    ],
  );
});

test('a malformed noun makes no false mistakes of those that refer to it', () => {
  assert.deepEqual(broken('a: 198.51.100.10', 'a: nowhere'), [
    '7:14 targets.us-a.a: "nowhere" is no IPv4 address; write one such as 192.0.2.1',
  ]);
  assert.deepEqual(broken('vantages: { local: {} }', 'vantages: [local]'), [
    '2:11 vantages: expected an object, got a list of 1',
  ]);
});

test('a malformed record hides no other, and a malformed zone hides no record', () => {
  assert.deepEqual(
    broken(
      '- { type: TXT, value: v=spf1 -all }',
      '- { type: TXT, valeu: x }\n      www: { steer: globl }\n      api: { type: A, value: 1.2.3 }',
    ),
    [
      '24:24 zones["example.net"].records["@"][1].valeu: unknown key "valeu"; did you mean "value"?',
      '25:21 zones["example.net"].records.www.steer: there is no policy "globl"; did you mean "global"?',
      '26:30 zones["example.net"].records.api.value: A: "1.2.3" is not an IPv4 address; write one like 192.0.2.1',
    ],
  );
  const found = broken(
    'soa: { primary: ns1.example.net., contact: dns.example.net. }',
    'soa: { primary: ns1.example.net. }',
  );
  assert.deepEqual(found, ['18:5 zones["example.net"].soa.contact: missing; add contact, a text']);
});

test('a missing key is told at the thing that lacks it', () => {
  assert.deepEqual(broken('type: http, ', ''), [
    '4:3 monitors.web.type: missing; add type: "http" or "tcp" or "tls" or "grpc" or "dns" or "icmp" or "push" or "calculated"',
  ]);
  assert.deepEqual(broken('apiVersion: signpost/v1\n', ''), [
    '1:1 apiVersion: missing; add apiVersion: "signpost/v1"',
  ]);
  assert.deepEqual(broken('[ { target: us-a } ]', '[ { weight: 2 } ]'), [
    '10:34 pools.us.members[0].target: missing; add target, a text',
  ]);
});

test('values of the wrong kind are told with what was expected and the remedy', () => {
  assert.deepEqual(broken('type: http', 'type: htp'), [
    '4:16 monitors.web.type: "htp" is not allowed here; write "http" or "tcp" or "tls" or "grpc" or "dns" or "icmp" or "push" or "calculated"; did you mean "http"?',
  ]);
  assert.deepEqual(broken('interval: 1s', 'interval: 1'), [
    '4:63 monitors.web.interval: expected a text, got 1; write a unit, such as 1s',
  ]);
  assert.deepEqual(broken('interval: 1s', 'interval: 1 second'), [
    '4:63 monitors.web.interval: "1 second" is not right: a duration is a number and a unit: 250ms, 10s, 5m, 1h',
  ]);
  assert.deepEqual(broken('min_up: 50%', 'min_up: 0.5'), [
    '9:62 pools.eu.min_up: expected a text, got 0.5; write a unit, such as 50%',
  ]);
  assert.deepEqual(broken('a: 192.0.2.10', 'site: 10, a: 192.0.2.10'), [
    '6:17 targets.eu-a.site: expected a text, got 10; write it in quotes',
  ]);
  assert.deepEqual(broken('preference: 10', 'preference: "10"'), [
    '23:47 zones["example.net"].records["@"][0].values[0].preference: expected a number, got "10"; write it without quotes',
  ]);
  assert.deepEqual(broken('try: [eu, us]', 'try: [eu, 5]'), [
    '14:43 policies.global.rules[0].try[1]: expected a text or an object, got 5; write it in quotes',
  ]);
  assert.deepEqual(broken('try: [eu, us]', 'try: []'), [], 'nobody gets an answer');
  assert.deepEqual(broken('{ us: 90, eu: 10 }', '{ us: 0, eu: 0 }'), [
    '15:30 policies.global.rules[1].try[0].weighted: at least one weight must be above 0',
  ]);
});

test('a unit where a number belongs is told with the number to write', () => {
  assert.deepEqual(broken('vantages:', 'defaults: { ttl: 20s }\nvantages:'), [
    '2:18 defaults.ttl: expected a number or an object, got "20s"; write 20, which is seconds, without a unit',
  ]);
  assert.deepEqual(broken('ns: [', 'ttl: 1h\n    ns: ['), [
    '19:10 zones["example.net"].ttl: expected a number, got "1h"; write 3600, which is seconds, without a unit',
  ]);
  assert.deepEqual(broken('us: 90', 'us: 90%'), [
    '15:36 policies.global.rules[1].try[0].weighted.us: expected a number, got "90%"; write 90, without a unit',
  ]);
  assert.deepEqual(broken('[ { target: eu-a } ]', '[ { target: eu-a, weight: much } ]'), [
    '9:58 pools.eu.members[0].weight: expected a number, got "much"',
  ]);
});

test('one thing where a list belongs, and nothing where something does, are told with the remedy', () => {
  assert.deepEqual(broken('geos: [EU]', 'geos: EU'), [
    '14:25 policies.global.rules[0].when.geos: expected a list, got "EU"; write it as a list: [EU]',
  ]);
  assert.deepEqual(broken('{ a: 198.51.100.10 }', ''), [
    '7:9 targets.us-a: expected an object, got nothing; write something behind the key, or remove it',
  ]);
});

test('unknown keys are told wherever they stand, with the keys that may', () => {
  assert.deepEqual(
    broken('vantages:', 'vantage:')[0],
    '2:1 vantage: unknown key "vantage"; did you mean "vantages"?',
  );
  assert.deepEqual(broken('when: { geos: [EU] }', 'when: { zzz: [1] }'), [
    '14:19 policies.global.rules[0].when.zzz: unknown key "zzz"; remove it, known here: subnets, geos, asns, vantages, times',
  ]);
  assert.deepEqual(broken('steer: global', 'steer: global, tipes: [A]'), [
    '21:28 zones["example.net"].records.go.tipes: unknown key "tipes"; did you mean "types"?',
  ]);
});

test('a name that is no name is told at the key', () => {
  assert.deepEqual(broken('us-a: { a', 'US_A: { a'), [
    '7:3 targets.US_A: "US_A" is no name: a name has 1 to 63 characters of a-z, 0-9 and "-"',
    '10:44 pools.us.members[0].target: there is no target "us-a"; did you mean "US_A"?',
  ]);
});

test('duplicate keys are told at the second one, beside all other mistakes', () => {
  assert.deepEqual(
    broken('us-a: { a: 198.51.100.10 }', 'us-a: { a: 198.51.100.10 }\n  us-a: {}\n  1: {}').slice(0, 1),
    ['8:3 targets.us-a: duplicate key "us-a"; keep one of the two'],
  );
});

test('a syntax error is told at its place, with what could be judged before it and nothing invented', () => {
  const found = broken('members: [ { target: us-a } ]', 'members: [ { target: us-a ]').concat();
  assert.ok(found.length > 0 && found.every((line) => /^10:\d+ /.test(line)), found.join('\n'));
  const both = mistakesOf(
    GOOD.replace('interval: 1s', 'interval: 1').replace('{ steer: global }', '{ steer: global'),
  );
  assert.match(both[0]!, /^4:63 monitors.web.interval/);
  assert.ok(
    both.slice(1).every((line) => line.endsWith('correct the YAML')),
    both.join('\n'),
  );
});

test('what is no configuration at all is told in a line', () => {
  assert.deepEqual(mistakesOf(''), ['1:1 there is nothing in it; begin with "apiVersion: signpost/v1"']);
  assert.deepEqual(mistakesOf('- 1'), ['1:1 expected an object, got a list of 1']);
  assert.match(mistakesOf('a: 1\n---\nb: 2\n').join('\n'), /multiple documents/);
});

test('aliases are written out, and mistakes inside are told at their anchor', () => {
  const text = GOOD.replace('members: [ { target: eu-a } ]', 'members: &m [ { target: eu-a } ]').replace(
    'members: [ { target: us-a } ]',
    'members: *m',
  );
  const checked = checkConfiguration(text, 'f');
  assert.ok(checked.ok);
  assert.deepEqual(checked.configuration.pools['us']?.members, [{ target: 'eu-a', weight: 1 }]);
  assert.deepEqual(mistakesOf(text.replace('{ target: eu-a }', '{ target: eu-z }')).length, 1);
  assert.deepEqual(mistakesOf('apiVersion: *x'), [
    '1:13 apiVersion: no anchor "&x" stands before this alias; write the value itself',
    ...mistakesOf('apiVersion: *x').slice(1),
  ]);
});

test('neither alias bombs, cycles, deep nesting nor huge files are read to the end', () => {
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 12; i += 1)
    bomb.push(
      `a${i}: &a${i} [${Array<string>(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  assert.match(mistakesOf(bomb.join('\n')).join('\n'), /more than \d+ values; write it without aliases/);
  assert.match(mistakesOf('a: &a [*a]').join('\n'), /no anchor "&a" stands before/);
  assert.match(mistakesOf('['.repeat(200) + ']'.repeat(200)).join('\n'), /nested deeper than/);
  assert.match(mistakesOf('['.repeat(100_000)).join('\n'), /nested too deeply/);
  assert.match(mistakesOf('- '.repeat(100_000)).join('\n'), /nested too deeply/);
  assert.match(mistakesOf(`# ${'x'.repeat(MAX_TEXT_LENGTH)}`).join('\n'), /split it/);
});

test('octets that are no UTF-8 are told where they stand, and no matter in a comment', () => {
  const latin = (text: string) => Buffer.from(text, 'latin1').toString('utf8');
  const wrong = latin(
    GOOD.replace('v=spf1 -all', '"caf\xe9"').replace(
      '      go:',
      '      \xfcber: { steer: global }\n      go:',
    ),
  );
  assert.deepEqual(
    mistakesOf(wrong).filter((mistake) => mistake.includes('UTF-8')),
    [
      '21:7 zones["example.net"].records["\uFFFDber"]: this text is not UTF-8, so its characters are unknown; save the file as UTF-8',
      '25:35 zones["example.net"].records["@"][1].value: this text is not UTF-8, so its characters are unknown; save the file as UTF-8',
    ],
  );
  assert.deepEqual(mistakesOf(latin(`${GOOD}# caf\xe9\n`)), []);
  assert.deepEqual(broken('v=spf1 -all', '"caf\\uFFFD"'), []);
});

test('a key named __proto__ is refused wherever it stands, or what is behind it would be lost; escaped it is a name', () => {
  const record = '      __proto__: { type: A, value: 192.0.2.77 }\n';
  const withRecord = GOOD.replace('      go:', `${record}      go:`);
  for (const yaml of [`${GOOD}__proto__: { polluted: true }\n`, withRecord]) {
    assert.match(
      mistakesOf(yaml).join('\n'),
      /__proto__: "__proto__" cannot be a key; .*write "\\095_proto__"/,
    );
  }
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  const escaped = checkConfiguration(withRecord.replace('__proto__', '\\095_proto__'), 'f');
  assert.ok(escaped.ok);
  assert.ok(Object.hasOwn(escaped.configuration.zones['example.net']!.records, '\\095_proto__'));
});
