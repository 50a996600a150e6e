import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formatMistake } from '../../check-configuration.ts';
import { ask, fixture, good, shares } from '../testing/ask-imported.ts';
import { importOctodns } from './import-octodns.ts';

const shop = good(importOctodns([fixture('shop.example.yaml')]));
const SETTINGS = { origin: 'example.net', ns: ['ns1.example.net.'], contact: 'dns.example.net.' };

function imported(text: string) {
  return good(importOctodns([{ name: 'zone.yaml', text }], SETTINGS));
}

function records(text: string): Record<string, unknown> {
  return imported(text).configuration.zones['example.net']!.records;
}

test('a rule leads clients of its places and subnets to its pool', () => {
  const at = (place: object, address?: string) =>
    ask(shop.configuration, { owner: 'go', client: { place, ...(address !== undefined && { address }) } })[0];
  assert.equal(at({ continent: 'AF', country: 'ZA' }), '192.0.2.1');
  assert.equal(at({ continent: 'AS', country: 'JP' }), '192.0.2.1');
  assert.equal(at({ continent: 'AF', country: 'KE' }), '198.51.100.1');
  assert.equal(at({ continent: 'NA', country: 'US', subdivision: 'NY' }), '198.51.100.1');
  assert.equal(at({ continent: 'NA', country: 'US', subdivision: 'TX' }), '203.0.113.1');
  assert.equal(at({}), '203.0.113.1');
  // The subnet goes before the place.
  assert.equal(at({ continent: 'EU' }, '192.0.2.200'), '192.0.2.1');
});

test('values of a pool are drawn by weight, and those that are down by hand never', () => {
  const owner = 'go';
  const europe = { place: { continent: 'EU' } };
  assert.deepEqual(shares(shop.configuration, { owner, client: europe }), {
    '198.51.100.1': 0.4,
    '198.51.100.2': 0.6,
  });
  assert.deepEqual(shares(shop.configuration, { owner }), { '203.0.113.1': 0.5, '203.0.113.3': 0.5 });
});

test('a pool that is down is followed by its fallback, and by the values of the record', () => {
  const owner = 'go';
  const client = { place: { continent: 'EU' } };
  const europe = ['198.51.100.1', '198.51.100.2', '2001:db8:2::1', '2001:db8:2::2'];
  assert.deepEqual(shares(shop.configuration, { owner, client, down: ['198.51.100.1', '2001:db8:2::1'] }), {
    '198.51.100.2': 1,
  });
  assert.deepEqual(shares(shop.configuration, { owner, client, down: europe }), {
    '203.0.113.1': 0.5,
    '203.0.113.3': 0.5,
  });
  // status: up overrules checks, so the pool of everybody never fails; without that value the record's own values do.
  const without = good(
    importOctodns([
      {
        ...fixture('shop.example.yaml'),
        text: fixture('shop.example.yaml').text.replaceAll(', status: up', ''),
      },
    ]),
  );
  const all = [...europe, '203.0.113.1', '203.0.113.3', '2001:db8:3::1', '2001:db8:3::3'];
  const last = shares(without.configuration, { owner, client, down: all });
  assert.deepEqual(Object.keys(last).toSorted(), ['198.51.100.1', '203.0.113.1', '203.0.113.3']);
});

test('A and AAAA that coincide share targets and policy; others have policies of their own', () => {
  assert.deepEqual(Object.keys(shop.configuration.policies), ['go']);
  assert.deepEqual(ask(shop.configuration, { owner: 'go', type: 'AAAA' }), ['2001:db8:3::1']);
  const { configuration, remarks } = imported(`
a: &one
- type: A
  ttl: 60
  value: 192.0.2.1
  dynamic: { pools: { p: { values: [{ value: 192.0.2.1 }] } }, rules: [{ pool: p }] }
- type: AAAA
  ttl: 60
  value: '2001:db8::1'
  dynamic: { pools: { p: { values: [{ value: '2001:db8::1' }, { value: '2001:db8::2' }] } }, rules: [{ pool: p }] }
`);
  assert.deepEqual(Object.keys(configuration.policies), ['a-a', 'a-aaaa']);
  assert.deepEqual(ask(configuration, { owner: 'a', type: 'A' }), ['192.0.2.1']);
  assert.deepEqual(ask(configuration, { owner: 'a', type: 'AAAA', draw: 0.9 }), ['2001:db8::2']);
  assert.deepEqual(remarks, []);
});

test('a dynamic CNAME chooses among host names', () => {
  const { configuration } = imported(`
app:
  type: CNAME
  value: last.example.
  dynamic: { pools: { p: { values: [{ value: one.example. }] } }, rules: [{ pool: p }] }
`);
  assert.deepEqual(ask(configuration, { owner: 'app', type: 'CNAME' }), ['one.example.']);
  const down = ['one.example.'];
  assert.deepEqual(ask(configuration, { owner: 'app', type: 'CNAME', down }), ['last.example.']);
});

test('static records of every type of octoDNS are the data that they say', () => {
  assert.deepEqual(
    records(`
'': [{ type: DS, values: [{ key_tag: 7, algorithm: 13, digest_type: 2, digest: '${'ab'.repeat(32)}' }] }]
alias: { type: ALIAS, value: host.example.org. }
caa: { type: CAA, value: { flags: 128, tag: issue, value: ca.example\\; policy=ev } }
dname: { type: DNAME, value: other.example. }
https: { type: HTTPS, value: { svcpriority: 1, targetname: ., svcparams: { alpn: [h3, h2], no-default-alpn: , port: 8443 } } }
loc: { type: LOC, value: { lat_degrees: 31, lat_minutes: 58, lat_seconds: 52.1, lat_direction: S, long_degrees: 115, long_minutes: 49, long_seconds: 11.7, long_direction: E, altitude: 20, size: 10, precision_horz: 10, precision_vert: 2 } }
naptr: { type: NAPTR, value: { order: 1, preference: 2, flags: S, service: SIP+D2U, regexp: '!^.*$!sip:info@example.net!', replacement: . } }
ptr: { type: PTR, values: [a.example., b.example.] }
spf: { type: SPF, value: v=spf1 -all }
srv: { type: SRV, value: { priority: 1, weight: 2, port: 443, target: srv.example. } }
sshfp: { type: SSHFP, value: { algorithm: 1, fingerprint_type: 1, fingerprint: ${'0f'.repeat(20)} } }
sub: { type: NS, ttl: 60, value: ns.example. }
tlsa: { type: TLSA, value: { certificate_usage: 3, selector: 1, matching_type: 1, certificate_association_data: ${'0a'.repeat(32)} } }
txt: { type: TXT, value: v=DKIM1\\; p=M }
uri: { type: URI, value: { priority: 1, weight: 2, target: 'https://example.net/' } }
`),
    {
      '@': { type: 'DS', value: `7 13 2 ${'ab'.repeat(32)}` },
      alias: { alias: 'host.example.org.', ttl: 60 },
      caa: { type: 'CAA', value: '128 issue "ca.example; policy=ev"' },
      dname: { type: 'DNAME', value: 'other.example.' },
      https: { type: 'HTTPS', value: '1 . alpn="h3,h2" no-default-alpn port=8443' },
      loc: { type: 'LOC', value: '31 58 52.100 S 115 49 11.700 E 20.00m 10.00m 10.00m 2.00m' },
      naptr: { type: 'NAPTR', value: '1 2 "S" "SIP+D2U" "!^.*$!sip:info@example.net!" .' },
      ptr: { type: 'PTR', values: ['a.example.', 'b.example.'] },
      spf: { type: 'TXT', value: 'v=spf1 -all' },
      srv: { type: 'SRV', value: '1 2 443 srv.example.' },
      sshfp: { type: 'SSHFP', value: `1 1 ${'0f'.repeat(20)}` },
      sub: { type: 'NS', ttl: 60, value: 'ns.example.' },
      tlsa: { type: 'TLSA', value: `3 1 1 ${'0a'.repeat(32)}` },
      txt: { type: 'TXT', value: 'v=DKIM1; p=M' },
      uri: { type: 'URI', value: '1 2 "https://example.net/"' },
    },
  );
});

test('names in any letters, merge keys and wildcards are read as octoDNS reads them', () => {
  assert.deepEqual(
    Object.keys(records("münchen: &m { type: A, value: 192.0.2.1 }\n'*': { <<: *m, value: 192.0.2.2 }\n")),
    ['*', 'xn--mnchen-3ya'],
  );
});

test('health checks become monitors, and those that none can make are remarked', () => {
  const monitorOf = (octodns: string) => {
    const text = `w: { type: A, ttl: 60, value: 192.0.2.1, octodns: ${octodns}, dynamic: { pools: { p: { values: [{ value: 192.0.2.1 }] } }, rules: [{ pool: p }] } }`;
    const { configuration, remarks } = imported(text);
    return [configuration.monitors['w'], remarks] as const;
  };
  const [usual] = monitorOf('{}');
  assert.ok(usual?.type === 'http');
  assert.deepEqual(usual.url, { scheme: 'https', host: 'w.example.net', path: '/_dns' });
  assert.deepEqual(usual.expect.status, [200]);
  assert.equal(monitorOf('{ healthcheck: { protocol: ICMP } }')[0]?.type, 'icmp');
  const [tcp, lost] = monitorOf('{ healthcheck: { protocol: TCP, port: 25, path: /x } }');
  assert.deepEqual([tcp?.type, tcp?.type === 'tcp' && tcp.port], ['tcp', 25]);
  assert.match(lost.join('\n'), /^not imported: zone\.yaml:1:\d+ w\.example\.net A: TCP has no path$/);
  const [udp, remarks] = monitorOf('{ healthcheck: { protocol: UDP, port: 53 } }');
  assert.equal(udp, undefined);
  assert.match(remarks.join('\n'), /no monitor sends UDP/);
});

test('what cannot be said is remarked with its place', () => {
  const { remarks, configuration } = imported(`
a: { type: URLFWD, value: { path: /, target: 'https://example.net/' } }
b: { type: A, value: 192.0.2.1, octodns: { lenient: true, excluded: [ns1], cloudflare: { proxied: true } } }
c: { type: A, value: 192.0.2.300 }
d: { type: A, value: 192.0.2.1, octodns: { ignored: true } }
e: [{ type: CNAME, value: x.example. }, { type: TXT, value: beside }]
f: { type: A, value: 192.0.2.1, geo: { EU: [192.0.2.2] } }
g: { type: TXT, value: kept, dynamic: { pools: { p: { values: [{ value: x }] } }, rules: [{ pool: p }] } }
`);
  const said = remarks.map((line) => line.replace(/^(not imported|imported otherwise): zone\.yaml:/, ''));
  const starts = ['2:1 a', '3:44 b', '3:59 b', '3:76 b', '4:15 c', '5:44 d', '6:41 e', '7:33 f', '8:30 g'];
  for (const start of starts)
    assert.ok(
      said.some((line) => line.startsWith(start)),
      `${start}\n${said.join('\n')}`,
    );
  const { records: made } = configuration.zones['example.net']!;
  assert.equal(Object.hasOwn(made, 'd'), false);
  assert.deepEqual(made['g'], { type: 'TXT', value: 'kept' });
});

test('rules that lead nowhere, loops of fallbacks and codes that are none end in no wrong answer', () => {
  const { configuration, remarks } = imported(`
w:
  type: A
  value: 192.0.2.9
  dynamic:
    pools:
      a: { fallback: b, values: [{ value: 192.0.2.1 }] }
      b: { fallback: a, values: [{ value: 192.0.2.2 }] }
    rules:
    - { geos: [XX, EU-DE], pool: a }
    - { geos: [YY], pool: a }
    - { subnets: [10.0.0.1/8], pool: a }
    - { geos: [AS], pool: none }
`);
  const policy = configuration.policies['w']!;
  assert.deepEqual(
    policy.rules.map(({ when, try: tried }) => [when?.geos, tried]),
    [
      [['EU-DE'], ['w-a', 'w-b']],
      [undefined, ['w-values']],
    ],
  );
  for (const part of ['lead back to a', '"XX"', '"YY"', '10.0.0.1/8', 'no pool none', 'no rule is for']) {
    assert.ok(
      remarks.some((line) => line.includes(part)),
      `${part}\n${remarks.join('\n')}`,
    );
  }
});

test('malformed files are told with file, line and what is wrong', () => {
  const told = (text: string, name = 'example.net.yaml') => {
    const result = importOctodns([{ name, text }]);
    return result.ok ? [] : result.mistakes.map(formatMistake);
  };
  assert.match(told('a: { type: A\nb: }').join('\n'), /^example\.net\.yaml:2:/);
  assert.match(told('a: { value: 192.0.2.1 }').join(), /^example\.net\.yaml:1:1 a\.example\.net: type: /);
  assert.match(told('a: { type: A, ttl: soon, value: 192.0.2.1 }').join(), /:1:15 a\.example\.net A: ttl: /);
  assert.match(told('- 1').join(), /a zone is a mapping of names to records/);
  assert.match(told('{}', '-').join(), /give --origin/);
  assert.match(told(`${'a'.repeat(64)}: { type: A, value: 192.0.2.1 }`).join(), /label/);
  assert.match(told('a: [{ type: A, value: 192.0.2.1 }, { type: A, value: 192.0.2.2 }]').join(), /already/);
});
