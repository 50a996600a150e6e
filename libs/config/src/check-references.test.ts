import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configurationSchema } from '@signpost/contracts/configuration';

import { checkReferences } from './check-references.ts';

const SOA = { primary: 'ns1.example.net.', contact: 'dns.example.net.' };
const NS = ['ns1.example.net.'];

const GOOD = {
  vantages: { eu: {}, us: {} },
  monitors: { web: { type: 'tcp' as const, port: 80 } },
  targets: {
    'eu-a': { a: '192.0.2.1' },
    'eu-b': { aaaa: '2001:db8::1' },
    host: { cname: 'cdn.example.org.' },
  },
  pools: {
    eu: { monitor: 'web', members: [{ target: 'eu-a' }, { target: 'eu-b' }] },
    hosts: { members: [{ target: 'host' }] },
  },
  policies: {
    global: { rules: [{ when: { geos: ['EU'] }, try: ['eu'] }, { try: [{ weighted: { eu: 1 } }] }] },
    outside: { rules: [{ try: ['eu', 'hosts'] }] },
  },
};

type Section = keyof typeof GOOD;

/** `path: message` of every mistake, of the good configuration with some nouns changed. */
function mistakesOf(changes: Partial<Record<Section | 'zones', Record<string, unknown>>>): string[] {
  const input: Record<string, unknown> = { apiVersion: 'signpost/v1', ...GOOD };
  for (const [section, nouns] of Object.entries(changes)) {
    input[section] = { ...(GOOD as Record<string, object>)[section], ...nouns };
  }
  const configuration = configurationSchema.parse(input);
  return checkReferences(configuration).map(({ path, message }) => `${path.join('/')}: ${message}`);
}

function zone(records: Record<string, unknown>, changes: object = {}): string[] {
  return mistakesOf({ zones: { 'example.net': { soa: SOA, ns: NS, records, ...changes } } }).map((line) =>
    line.replace('zones/example.net/', ''),
  );
}

function rules(...list: unknown[]): string[] {
  return mistakesOf({ policies: { global: { rules: list } } }).map((line) =>
    line.replace('policies/global/', ''),
  );
}

test('a configuration without mistakes has none', () => {
  assert.deepEqual(mistakesOf({}), []);
  assert.deepEqual(
    zone({ go: { steer: 'global' }, cdn: { steer: 'outside' }, '*': { type: 'A', value: '192.0.2.1' } }),
    [],
  );
});

test('names of nouns that do not exist are told, with what is close or what there is', () => {
  assert.deepEqual(mistakesOf({ pools: { eu: { monitor: 'wep', members: [{ target: 'eu-z' }] } } }), [
    'pools/eu/monitor: there is no monitor "wep"; did you mean "web"?',
    'pools/eu/members/0/target: there is no target "eu-z"; did you mean "eu-a"?',
  ]);
  assert.deepEqual(rules({ try: ['asia', { weighted: { hostz: 1 } }] }), [
    'rules/0/try/0: there is no pool "asia"; pools: eu, hosts',
    'rules/0/try/1/weighted/hostz: there is no pool "hostz"; did you mean "hosts"?',
  ]);
  assert.deepEqual(zone({ go: { steer: 'constructor' } }), [
    'records/go/steer: there is no policy "constructor"; policies: global, outside',
  ]);
});

test('monitors need vantages that exist, enough of them, and a timeout below the interval', () => {
  const monitor = (changes: object) =>
    mistakesOf({ monitors: { web: { type: 'tcp', port: 80, ...changes } } });
  assert.deepEqual(monitor({ vantages: { use: ['eu', 'ap', 'eu'] } }), [
    'monitors/web/vantages/use/1: there is no vantage "ap"; vantages: eu, us',
    'monitors/web/vantages/use/2: vantage "eu" stands here twice; remove one',
  ]);
  assert.deepEqual(monitor({ vantages: { min_reports: 3 } }), [
    'monitors/web/vantages/min_reports: min_reports is 3, but the monitor has 2 vantages; write at most 2',
  ]);
  assert.deepEqual(monitor({ vantages: { use: ['eu'], min_reports: 2 } }), [
    'monitors/web/vantages/min_reports: min_reports is 2, but the monitor has 1 vantage; write at most 1',
  ]);
  assert.deepEqual(monitor({ interval: '3s' }), [
    'monitors/web/timeout: a timeout of 3s is not shorter than the interval of 3s; write a shorter timeout',
  ]);
});

test('a monitor in use needs a vantage; one that no pool uses does not', () => {
  const parse = (pools: object) =>
    checkReferences(
      configurationSchema.parse({ apiVersion: 'signpost/v1', ...GOOD, vantages: {}, policies: {}, pools }),
    );
  assert.deepEqual(
    parse(GOOD.pools).map(({ path }) => path),
    [['monitors', 'web']],
  );
  assert.deepEqual(parse({ eu: { members: [{ target: 'eu-a' }] } }), []);
});

test('the host of a monitor is a host alone', () => {
  const host = (text: string) =>
    mistakesOf({ monitors: { web: { type: 'http', url: { host: text } } } }).map(
      (line) => line.split(':')[0],
    );
  for (const wrong of ['go.example.net:8080', 'https://go.example.net', 'go.example.net/x']) {
    assert.deepEqual(host(wrong), ['monitors/web/url/host'], wrong);
  }
  for (const right of ['go.example.net', '192.0.2.1', '2001:db8::1'])
    assert.deepEqual(host(right), [], right);
});

test('a target has addresses or a host name with its final dot', () => {
  const target = (written: object) => mistakesOf({ targets: { extra: written } });
  assert.deepEqual(target({}), ['targets/extra: a target needs an address; add a, aaaa or cname']);
  assert.deepEqual(target({ cname: 'cdn.example.org' }), [
    'targets/extra/cname: "cdn.example.org" has no final dot; write "cdn.example.org."',
  ]);
  assert.deepEqual(target({ a: '192.0.2.1', cname: 'cdn.example.org.' }), [
    'targets/extra/cname: a host name cannot stand beside addresses; keep cname, or a and aaaa',
  ]);
  assert.match(target({ cname: 'cdn..example.org.' })[0]!, /empty label/);
});

test('a pool has each member once and answers of one kind', () => {
  const members = (...targets: string[]) =>
    mistakesOf({ pools: { extra: { members: targets.map((target) => ({ target })) } } });
  assert.deepEqual(members('eu-a', 'eu-b', 'eu-a'), [
    'pools/extra/members/2/target: target "eu-a" is a member twice; keep one, with the sum of the weights',
  ]);
  assert.deepEqual(members('eu-a', 'host'), [
    'pools/extra/members/1/target: target "host" is a host name, but others of the pool are not; make it a pool of its own',
  ]);
});

test('the last rule is for everybody and the only one that is', () => {
  assert.deepEqual(rules({ when: { geos: ['EU'] }, try: ['eu'] }), [
    'rules/0/when: the last rule must match everybody; add one without "when" behind it',
  ]);
  assert.deepEqual(
    rules({ try: ['eu'] }, { when: { geos: ['EU'] }, try: ['eu'] }, { when: {}, try: ['eu'] }),
    [
      'rules/1: never reached, since rules[0] matches everybody; put it before that rule or remove it',
      'rules/2: never reached, since rules[0] matches everybody; put it before that rule or remove it',
    ],
  );
});

test('conditions are codes and subnets that can match', () => {
  const when = { subnets: ['10.0.0.0/8', '10.1.0.0/8', 'ten'], geos: ['EU', 'EU-TR', 'tr'] };
  assert.deepEqual(rules({ when, try: ['eu'] }, { try: ['eu'] }), [
    'rules/0/when/subnets/1: "10.1.0.0/8" has bits set behind its length; write 10.0.0.0/8',
    'rules/0/when/subnets/2: "ten" is no subnet; write an address, a slash and a length, such as 192.0.2.0/24',
    'rules/0/when/geos/1: TR lies in Asia, so write "AS-TR" instead of "EU-TR"',
    'rules/0/when/geos/2: geo codes start with the continent: write "AS-TR" instead of "tr"',
  ]);
});

test('a policy of host names alone selects one; beside addresses, of which it gives several, they may stand', () => {
  const policy = (...pools: string[]) =>
    mistakesOf({ policies: { outside: { rules: [{ try: pools }], within: { select: 2 } } } });
  assert.deepEqual(policy('hosts'), [
    'policies/outside/within/select: pool "hosts" answers with host names, of which a name can have only one; write select: 1',
  ]);
  assert.deepEqual(policy('eu', 'hosts'), []);
});

test('names of a zone are names, absolute, and each once', () => {
  const soa = { primary: 'ns1.example.net', contact: 'first.last@example.net' };
  assert.deepEqual(zone({}, { soa, ns: ['ns1.example.net.', 'NS1.example.net.', 'ns2'] }), [
    'soa/primary: "ns1.example.net" has no final dot; write "ns1.example.net."',
    "soa/contact: a mailbox is written as a name here; write 'first\\.last.example.net.'",
    'ns/1: name server "NS1.example.net." stands here twice; remove one',
    'ns/2: "ns2" has no final dot; write "ns2."',
  ]);
  const zones = {
    'example.net': { soa: SOA, ns: NS },
    'Example.NET.': { soa: SOA, ns: NS },
    'a b': { soa: SOA, ns: NS },
  };
  assert.deepEqual(
    mistakesOf({ zones }).map((line) => line.slice(0, 60)),
    [
      'zones/Example.NET.: the zone is also written "example.net"; keep one of the two'.slice(0, 60),
      'zones/a b: "a b" is not a domain name: bad character; write spaces'.slice(0, 60),
    ],
  );
});

test('owner names are names within the zone', () => {
  const a = { type: 'A', value: '192.0.2.1' };
  assert.deepEqual(zone({ 'www.example.net.': a, '@': a, 'a.b': a }), []);
  assert.deepEqual(zone({ 'www.example.org.': a }), [
    'records/www.example.org.: "www.example.org." lies outside the zone example.net; move it to its own zone',
  ]);
  assert.match(zone({ 'a..b': a })[0]!, /records\/a\.\.b: .*empty label/);
  assert.match(zone({ ['x'.repeat(64)]: a })[0]!, /label too long/);
  assert.match(zone({ [`${'x'.repeat(60)}.`.repeat(4).slice(0, -1)]: a })[0]!, /name too long/);
});

test('nothing stands beside a CNAME, and none stands at the apex', () => {
  const cname = { type: 'CNAME', value: 'other.example.net.' };
  const text = { type: 'TXT', value: 'x' };
  assert.deepEqual(zone({ www: [cname, text] }), [
    'records/www/1: nothing may stand beside a CNAME (RFC 1034); remove one of the records',
  ]);
  assert.deepEqual(zone({ www: cname, 'WWW.example.net.': text }), [
    'records/WWW.example.net.: nothing may stand beside a CNAME (RFC 1034); remove one of the records',
  ]);
  assert.deepEqual(zone({ '@': cname }), [
    'records/@: a CNAME cannot stand at the apex, beside SOA and NS; write "alias" with its host instead',
  ]);
  // Addresses of their hosts are answered there.
  assert.deepEqual(zone({ '@': { steer: 'outside' } }), []);
  assert.deepEqual(zone({ www: [text, { steer: 'outside' }] }), []);
  assert.deepEqual(zone({ www: [cname, { steer: 'outside' }] }), [
    'records/www/1: nothing may stand beside a CNAME (RFC 1034); remove one of the records',
  ]);
  assert.deepEqual(zone({ '@': { type: 'NS', value: 'ns1.example.net.' } }), [
    'records/@: the name servers of the apex are written in "ns" of the zone; move them there',
  ]);
});

test('a name has one record of a type, steered or static', () => {
  const a = { type: 'A', value: '192.0.2.1' };
  const twice = 'the name has A records already; put all values into one record';
  assert.deepEqual(zone({ www: [a, a] }), [`records/www/1: ${twice}`]);
  assert.deepEqual(zone({ www: [a, { steer: 'global' }] }), [`records/www/1: ${twice}`]);
  assert.deepEqual(zone({ www: [a, { steer: 'global', types: ['AAAA'] }] }), []);
  assert.deepEqual(zone({ www: { steer: 'global', types: ['A', 'AAAA', 'A'] } }), [
    'records/www/types/2: type A stands here twice; remove one',
  ]);
});

test('a static record has value or values, of the kind that its type takes', () => {
  const first = (record: object) => zone({ www: record })[0];
  assert.equal(first({ type: 'A' }), 'records/www: a record of type A needs value or values; add one');
  assert.equal(
    first({ type: 'A', value: '192.0.2.1', values: ['192.0.2.2'] }),
    'records/www/value: value and values exclude each other; put all into values',
  );
  assert.equal(
    first({ type: 'A', value: { preference: 1, exchange: 'mail.example.net.' } }),
    'records/www/value: these are the fields of MX; write a text for A, or type: MX',
  );
  assert.equal(
    first({ type: 'CNAME', values: ['a.example.net.', 'b.example.net.'] }),
    'records/www/values: a name has one CNAME record (RFC 2181); keep one value',
  );
  assert.equal(
    first({ type: 'AAAA', values: ['2001:db8::1', '2001:DB8:0::1'] }),
    'records/www/values/1: this value stands here twice; remove one',
  );
  assert.match(
    first({ type: 'AAAA', values: ['2001:db8::1', '192.0.2.1'] })!,
    /^records\/www\/values\/1: AAAA: /,
  );
  assert.match(
    first({ type: 'MX', value: { preference: 1, exchange: 'mail' } })!,
    /^records\/www\/value: MX: .*final dot/,
  );
  assert.match(first({ type: 'NS', value: 'ns1.example.net' })!, /final dot/);
});

test('a static record may be of any type that a zone may hold, as a zone file has it', () => {
  const values: Record<string, unknown> = {
    HTTPS: '1 . alpn=h2,h3',
    SVCB: '0 svc.example.net.',
    TLSA: '3 1 1 abcd',
    SSHFP: '4 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    NAPTR: '100 10 "S" "SIP+D2U" "" _sip.example.net.',
    DS: '60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118',
    PTR: 'host.example.net.',
    DNAME: 'elsewhere.example.',
    URI: '10 1 "https://example.net/"',
    LOC: '52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m',
    OPENPGPKEY: 'AQID',
    TYPE65280: '\\# 3 010203',
    MX: { rdata: '10 mail.example.net.' },
    TXT: { rdata: '"two" "strings"' },
  };
  for (const [type, value] of Object.entries(values))
    assert.deepEqual(zone({ x: { type, value } }), [], type);
  assert.match(
    zone({ x: { type: 'HTTPS', value: '1 .  port=1 port=2' } })[0]!,
    /^records\/x\/value: HTTPS: /,
  );
  assert.match(zone({ x: { type: 'PTR', value: 'host' } })[0]!, /final dot/);
  assert.match(zone({ x: { type: 'TXT', value: { rdata: '"open' } } })[0]!, /^records\/x\/value: TXT: /);
});

test('a type that no zone may hold, or that is written otherwise, is told with the remedy', () => {
  const type = (text: string) => zone({ x: { type: text, value: 'a.' } })[0];
  assert.equal(type('CNAM'), 'records/x/type: "CNAM" is no record type; did you mean "CNAME"?');
  assert.match(type('nonsense')!, /"nonsense" is no record type; write one such as A or MX/);
  assert.equal(type('a'), 'records/x/type: the type a is written A; write that');
  assert.equal(type('TYPE1'), 'records/x/type: the type TYPE1 is written A; write that');
  assert.match(type('ANY')!, /ANY is for questions/);
  assert.match(type('SOA')!, /written in "soa" of the zone/);
});

test('a name has one DNAME, and signatures may stand beside a CNAME', () => {
  assert.deepEqual(zone({ x: { type: 'DNAME', values: ['a.', 'b.'] } }), [
    'records/x/values: a name has one DNAME record (RFC 2181); keep one value',
  ]);
  const signature = 'CNAME 13 3 60 1760000000 0 7 example.net. AQIDBA==';
  const cname = { type: 'CNAME', value: 'a.' };
  assert.deepEqual(zone({ x: [cname, { type: 'RRSIG', value: signature }] }), []);
});
