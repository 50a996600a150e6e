import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formatMistake } from '../../check-configuration.ts';
import { ask, type Client, fixture, good, shares } from '../testing/ask-imported.ts';
import { importRoute53 } from './import-route53.ts';

const FILES = [
  'route53-records.json',
  'route53-health-checks.json',
  'route53-zone.json',
  'route53-blocks.json',
];
const { configuration, remarks, yaml } = good(importRoute53(FILES.map(fixture)));

function imported(sets: readonly object[], more: readonly object[] = []) {
  const files = [{ ResourceRecordSets: sets.map((set) => ({ Type: 'A', TTL: 60, ...set })) }, ...more];
  return good(
    importRoute53(
      files.map((file, index) => ({ name: `${index}.json`, text: JSON.stringify(file, null, 1) })),
      { origin: 'example.net', ns: ['ns1.example.net.'], contact: 'dns.example.net.' },
    ),
  );
}

const values = (...all: string[]) => ({ ResourceRecords: all.map((Value) => ({ Value })) });
const from = (place: Client['place']): { readonly client: Client } => ({
  client: { ...(place && { place }) },
});

test('the order of files says nothing', () => {
  assert.equal(good(importRoute53(FILES.toReversed().map(fixture))).yaml, yaml);
});

test('simple records, aliases and escaped names become static records', () => {
  const { records, ns, soa } = configuration.zones['travel.example']!;
  assert.deepEqual(records['*.files'], { type: 'CNAME', ttl: 300, value: 'store.travel.example.' });
  assert.deepEqual(records['shop'], records['store']);
  assert.deepEqual(records['bucket'], { type: 'CNAME', value: 's3-website.aws.example.' });
  assert.deepEqual([records['@']].flat()[0], { alias: 'd12cdn.cloudfront.example.', ttl: 60 });
  assert.deepEqual(ns, ['ns-2001.awsdns-58.co.uk.', 'ns-301.awsdns-37.com.']);
  assert.deepEqual([soa?.negative_ttl, soa?.ttl], [86_400, 900]);
  const { ttl, ns_ttl } = configuration.zones['travel.example']!;
  assert.deepEqual([ttl, ns_ttl], [60, 172_800]);
});

test('weights are shares, those of what is down go to the others, and weight 0 serves when nothing else does', () => {
  const owner = 'split';
  assert.deepEqual(shares(configuration, { owner }), { '192.0.2.1': 0.75, '192.0.2.2': 0.25 });
  assert.deepEqual(shares(configuration, { owner, down: ['192.0.2.1'] }), { '192.0.2.2': 1 });
  assert.deepEqual(shares(configuration, { owner, down: ['192.0.2.1', '192.0.2.2'] }), { '192.0.2.3': 1 });
  assert.deepEqual(shares(configuration, { owner, type: 'AAAA' }), {
    '2001:db8::1': 0.5,
    '2001:db8::2': 0.5,
  });
  const zero = imported([
    { Name: 'z.example.net', SetIdentifier: 'a', Weight: 0, ...values('192.0.2.1') },
    { Name: 'z.example.net', SetIdentifier: 'b', Weight: 0, ...values('192.0.2.2') },
  ]);
  assert.deepEqual(shares(zero.configuration, { owner: 'z' }), { '192.0.2.1': 0.5, '192.0.2.2': 0.5 });
});

test('a record of several values answers with all of them', () => {
  const got = new Set<string>();
  for (let octet = 0; octet < 60; octet += 1) {
    got.add(
      ask(configuration, { owner: 'groups', client: { address: `10.0.${octet}.1` } })
        .toSorted()
        .join(),
    );
  }
  assert.deepEqual([...got].toSorted(), ['192.0.2.4,192.0.2.5', '192.0.2.6']);
});

test('all values of a primary are answered, also when the secondary is a host', () => {
  const check = {
    Id: 'web',
    HealthCheckConfig: {
      Type: 'TCP',
      IPAddress: '192.0.2.9',
      Port: 443,
      RequestInterval: 30,
      FailureThreshold: 3,
    },
  };
  const AliasTarget = { HostedZoneId: 'Z3', DNSName: 's3-website.aws.example.', EvaluateTargetHealth: false };
  const site = { Name: 'site.example.net' };
  const { configuration: mixed } = imported(
    [
      {
        ...site,
        SetIdentifier: 'p',
        Failover: 'PRIMARY',
        HealthCheckId: 'web',
        ...values('192.0.2.1', '192.0.2.2'),
      },
      { ...site, SetIdentifier: 's', Failover: 'SECONDARY', TTL: undefined, AliasTarget },
    ],
    [{ HealthChecks: [check] }],
  );
  assert.deepEqual(ask(mixed, { owner: 'site' }).toSorted(), ['192.0.2.1', '192.0.2.2']);
  const down = ['192.0.2.1', '192.0.2.2'];
  assert.deepEqual(ask(mixed, { owner: 'site', down }), ['s3-website.aws.example.']);
});

test('failover answers with the primary, the secondary when it is down, and the primary when both are', () => {
  const owner = 'dr';
  assert.deepEqual(ask(configuration, { owner }), ['198.51.100.1']);
  const down = ['198.51.100.1', '2001:db8:1::1'];
  assert.deepEqual(ask(configuration, { owner, down }), ['198.51.100.2']);
  assert.deepEqual(ask(configuration, { owner, type: 'AAAA', down }), ['2001:db8:1::2']);
  const pair = [
    {
      Name: 'p.example.net',
      SetIdentifier: 'a',
      Failover: 'SECONDARY',
      HealthCheckId: 'x',
      ...values('192.0.2.2'),
    },
    {
      Name: 'p.example.net',
      SetIdentifier: 'b',
      Failover: 'PRIMARY',
      HealthCheckId: 'x',
      ...values('192.0.2.1'),
    },
  ];
  const check = { Id: 'x', HealthCheckConfig: { Type: 'TCP', IPAddress: '192.0.2.1', Port: 80 } };
  const both = imported(pair, [{ HealthChecks: [check] }]).configuration;
  assert.deepEqual(ask(both, { owner: 'p', down: ['192.0.2.1', '192.0.2.2'] }), ['192.0.2.1']);
});

test('the smallest place decides, the next larger one when its record is down', () => {
  const owner = 'geo';
  const german = from({ continent: 'EU', country: 'DE' });
  assert.deepEqual(ask(configuration, { owner, ...german }), ['203.0.113.2']);
  assert.deepEqual(ask(configuration, { owner, ...german, down: ['203.0.113.2'] }), ['203.0.113.1']);
  assert.deepEqual(ask(configuration, { owner, ...german, down: ['203.0.113.2', '203.0.113.1'] }), [
    '203.0.113.4',
  ]);
  assert.deepEqual(ask(configuration, { owner, ...from({ continent: 'EU', country: 'FR' }) }), [
    '203.0.113.1',
  ]);
  const californian = from({ continent: 'NA', country: 'US', subdivision: 'CA' });
  assert.deepEqual(ask(configuration, { owner, ...californian }), ['203.0.113.3']);
  assert.deepEqual(ask(configuration, { owner }), ['203.0.113.4']);
});

test('without a record for everybody the others get no answer', () => {
  assert.deepEqual(ask(configuration, { owner: 'fence', ...from({ continent: 'OC' }) }), ['203.0.113.5']);
  assert.deepEqual(ask(configuration, { owner: 'fence', ...from({ continent: 'EU' }) }), []);
});

test('the nearest serves, and bias moves the line', () => {
  const at = (latitude: number, longitude: number) =>
    ask(configuration, { owner: 'near', ...from({ location: { latitude, longitude } }) })[0];
  assert.equal(at(52, 5), '192.0.2.11');
  assert.equal(at(35, 138), '192.0.2.12');
  assert.equal(at(37, -122), '192.0.2.13');
  const stage = configuration.policies['near']!.rules[0]!.try[0];
  assert.deepEqual(stage, {
    nearest: ['near-lab', 'near-los-angeles', 'near-tokyo'],
    bias: { 'near-lab': -20, 'near-los-angeles': 10 },
  });
});

test('latency goes by round trips to targets at their regions, and through aliases to weights', () => {
  const european = from({ location: { latitude: 48, longitude: 2 } });
  const american = from({ location: { latitude: 40, longitude: -75 } });
  assert.deepEqual(shares(configuration, { owner: 'fast', ...american }), {
    '198.51.100.21': 0.25,
    '198.51.100.22': 0.75,
  });
  assert.deepEqual(shares(configuration, { owner: 'fast', ...european }), {
    '198.51.100.31': 0.5,
    '198.51.100.32': 0.5,
  });
  const down = ['198.51.100.31', '198.51.100.32'];
  assert.deepEqual(Object.keys(shares(configuration, { owner: 'fast', ...european, down })), [
    '198.51.100.21',
    '198.51.100.22',
  ]);
});

test('an alias of a policy is that policy, and a stage of another', () => {
  const german = from({ continent: 'EU', country: 'DE' });
  assert.deepEqual(ask(configuration, { owner: 'same', ...german }), ['203.0.113.2']);
  assert.deepEqual(ask(configuration, { owner: 'tree', ...german }), ['203.0.113.2']);
  assert.deepEqual(configuration.policies['tree']!.rules[0]!.try, [{ policy: 'geo' }, 'tree-then']);
});

test('an alias of weighted records fails over when all of them are down', () => {
  const alias = (DNSName: string) => ({
    AliasTarget: { HostedZoneId: 'Z', DNSName, EvaluateTargetHealth: true },
    TTL: undefined,
  });
  const weighted = (Name: string, id: string, Weight: number, value: string) => ({
    Name,
    SetIdentifier: id,
    Weight,
    HealthCheckId: 'x',
    ...values(value),
  });
  const check = { Id: 'x', HealthCheckConfig: { Type: 'TCP', IPAddress: '192.0.2.9', Port: 80 } };
  const { configuration: made, remarks: said } = imported(
    [
      { Name: 'www.example.net', SetIdentifier: 'p', Failover: 'PRIMARY', ...alias('one.example.net.') },
      { Name: 'www.example.net', SetIdentifier: 's', Failover: 'SECONDARY', ...alias('two.example.net.') },
      weighted('one.example.net', 'a', 1, '192.0.2.1'),
      weighted('one.example.net', 'b', 3, '192.0.2.2'),
      weighted('two.example.net', 'a', 1, '192.0.2.3'),
    ],
    [{ HealthChecks: [check] }],
  );
  const owner = 'www';
  assert.deepEqual(shares(made, { owner }), { '192.0.2.1': 0.25, '192.0.2.2': 0.75 });
  assert.deepEqual(shares(made, { owner, down: ['192.0.2.2'] }), { '192.0.2.1': 1 });
  assert.deepEqual(shares(made, { owner, down: ['192.0.2.1', '192.0.2.2'] }), { '192.0.2.3': 1 });
  const all = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
  assert.deepEqual(shares(made, { owner, down: all }), { '192.0.2.1': 0.25, '192.0.2.2': 0.75 });
  assert.deepEqual(said, []);
});

test('multivalue answers with all that are up, and with all when none is', () => {
  const answer = (...down: string[]) => ask(configuration, { owner: 'many', down }).toSorted();
  assert.deepEqual(answer(), ['192.0.2.41', '192.0.2.42', '192.0.2.43']);
  assert.deepEqual(answer('192.0.2.41'), ['192.0.2.42', '192.0.2.43']);
  // A disabled check counts as healthy, and so does none.
  assert.deepEqual(answer('192.0.2.41', '192.0.2.42', '192.0.2.43'), ['192.0.2.42', '192.0.2.43']);
});

test('the longest block decides, whichever location it belongs to', () => {
  const at = (address: string) => ask(configuration, { owner: 'nets', client: { address } })[0];
  assert.deepEqual(['203.0.113.65', '203.0.113.1', '198.18.0.1', '2001:db8:f00::1'].map(at), [
    '192.0.2.51',
    '192.0.2.52',
    '192.0.2.53',
    '192.0.2.51',
  ]);
});

test('a host is chosen among CNAMEs, with a monitor that finds the text', () => {
  assert.deepEqual(ask(configuration, { owner: 'app', type: 'CNAME' }), ['blue.app.example.']);
  assert.deepEqual(ask(configuration, { owner: 'app', type: 'CNAME', down: ['blue.app.example.'] }), [
    'green.app.example.',
  ]);
  const monitor = configuration.monitors['blue-app-example-https'];
  assert.ok(monitor?.type === 'http');
  const { url, expect, fall, rise, interval } = monitor;
  assert.deepEqual(
    [url.path, expect.contains, fall, rise, interval],
    ['/health', 'all is well', 3, 3, 30_000],
  );
});

test('a calculated check of one endpoint is calculated here; of several it waits for heartbeats', () => {
  const calculated = configuration.monitors['calculated-11111111'];
  assert.deepEqual(calculated, {
    type: 'calculated',
    at_least: { n: 1, of: ['198-51-100-1-http', '198-51-100-1-tcp'] },
  });
  const child = (Id: string, IPAddress: string) => ({
    Id,
    HealthCheckConfig: { Type: 'TCP', IPAddress, Port: 80 },
  });
  const of = (HealthThreshold: number) =>
    imported(
      [{ Name: 'c.example.net', SetIdentifier: 'a', Weight: 1, HealthCheckId: 'c', ...values('192.0.2.1') }],
      [
        { HealthChecks: [child('x', '192.0.2.1'), child('y', '192.0.2.2')] },
        {
          HealthCheck: {
            Id: 'c',
            HealthCheckConfig: { Type: 'CALCULATED', HealthThreshold, ChildHealthChecks: ['x', 'y'] },
          },
        },
      ],
    );
  assert.equal(of(2).configuration.monitors['calculated-c']?.type, 'push');
  assert.match(of(2).remarks.join('\n'), /several endpoints/);
  assert.equal(Object.values(of(0).configuration.targets)[0]?.status, 'up');
  assert.equal(Object.values(of(3).configuration.targets)[0]?.status, 'down');
});

test('types that no policy answers with become static, and say so', () => {
  assert.deepEqual(configuration.zones['travel.example']!.records['note'], {
    type: 'TXT',
    value: 'mostly',
  });
  for (const part of [
    'TXT "a": TXT records are not steered here; all clients get this one',
    'TXT "b": TXT records are not steered here',
    'tp-9',
    'inverted',
    'checked from us-east-1',
    'alarm',
    'TTLs differ',
    'lax-1',
  ]) {
    assert.ok(
      remarks.some((line) => line.includes(part)),
      part,
    );
  }
});

test('what is missing is said: checks, blocks, aliases, regions, other pages', () => {
  const { remarks: said, configuration: made } = imported(
    [
      { Name: 'a.example.net', SetIdentifier: 'a', Weight: 1, HealthCheckId: 'none', ...values('192.0.2.1') },
      {
        Name: 'b.example.net',
        SetIdentifier: 'b',
        CidrRoutingConfig: { CollectionId: 'c', LocationName: 'here' },
        ...values('192.0.2.1'),
      },
      {
        Name: 'c.example.net',
        AliasTarget: { HostedZoneId: 'Z', DNSName: 'gone.example.net', EvaluateTargetHealth: true },
      },
      {
        Name: 'd.example.net',
        SetIdentifier: 'd',
        GeoProximityLocation: { AWSRegion: 'moon-1' },
        ...values('192.0.2.2'),
      },
      {
        Name: 'e.example.net',
        SetIdentifier: 'e',
        GeoLocation: { CountryCode: 'ZZ' },
        ...values('192.0.2.3'),
      },
      { Name: 'f.example.net', SetIdentifier: 'f', AzAffinity: 'use1-az1', ...values('192.0.2.4') },
      { Name: 'g.example.org', ...values('192.0.2.5') },
    ],
    [{ HealthChecks: [], IsTruncated: true, NextMarker: 'more' }],
  );
  for (const line of said) assert.doesNotMatch(line, /[{[]/, 'no JSON in what is said');
  for (const part of [
    'aws route53 list-health-checks',
    'aws route53 list-cidr-blocks --collection-id c',
    'check none is in no file',
    'location here',
    'no A record gone',
    'moon-1',
    'ZZ',
    'use1-az1',
    'example.org',
    'cut short',
  ]) {
    assert.ok(
      said.some((line) => line.includes(part)),
      `${part}\n${said.join('\n')}`,
    );
  }
  assert.deepEqual(ask(made, { owner: 'd' }), ['192.0.2.2']);
});

test('malformed files are told with file, line and what is wrong', () => {
  const told = (text: string) => {
    const result = importRoute53([{ name: 'r.json', text }]);
    return result.ok ? '' : result.mistakes.map(formatMistake).join('\n');
  };
  assert.match(told('{ "ResourceRecordSets": [\n { "Name": }'), /^r\.json:2:/);
  assert.match(told('{}'), /^r\.json:1:1 it has none of ResourceRecordSets/);
  assert.match(
    told('{ "ResourceRecordSets": [\n{ "Name": "a.example.", "Type": "A", "TTL": "60" } ] }'),
    /^r\.json:2:38 .*TTL: /,
  );
  assert.match(told('{ "ResourceRecordSets": [] }'), /give --origin/);
  assert.match(told('{ "ResourceRecordSets": {} }'), /must be a list/);
});
