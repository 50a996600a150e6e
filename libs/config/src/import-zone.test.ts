import assert from 'node:assert/strict';
import { test } from 'node:test';

import { generateZone } from '@signpost/dns/testing/generated-zone';
import { loadZone } from '@signpost/dns/zone-file/load-zone';
import { parse } from 'yaml';

import { checkConfiguration, formatMistake } from './check-configuration.ts';
import { importZone } from './import-zone.ts';

function imported(text: string, included: ReadonlyMap<string, string> = new Map()) {
  const read = (path: string) => included.get(path.replace(/^.*\//, '')) ?? text;
  const { records, mistakes } = loadZone('example.com', 'zone', read);
  assert.deepEqual(mistakes, [], text);
  return importZone(records, 'example.com');
}

const HEAD = '$TTL 60\n@ SOA ns1 dns 7 1 2 3 4\n NS ns1\n';

test('200 generated zones become configurations without a mistake', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const { text, included } = generateZone(seed);
    const { yaml } = imported(text, included);
    const checked = checkConfiguration(yaml, 'f');
    assert.ok(
      checked.ok,
      checked.ok ? '' : `seed ${seed}: ${checked.mistakes.map(formatMistake).join('\n')}\n${yaml}`,
    );
  }
});

test('a TXT is its plain text where that says all, and RDATA where its strings say more', () => {
  const { yaml } = imported(
    `${HEAD}a TXT "v=spf1 -all"\nb TXT "one" "two"\nc TXT "\\255"\nd TXT \\195\\188\n`,
  );
  const { records } = (
    parse(yaml) as { zones: Record<string, { records: Record<string, { value: unknown }> }> }
  ).zones['example.com']!;
  assert.deepEqual(
    Object.values(records).map(({ value }) => value),
    ['v=spf1 -all', { rdata: '"one" "two"' }, { rdata: '"\\255"' }, 'ü'],
  );
});

test('the TTL of a zone is the most usual of its records, not that of its name servers', () => {
  const zoneOf = (text: string) =>
    (parse(imported(text).yaml) as { zones: Record<string, Record<string, unknown>> }).zones['example.com']!;
  const zone = zoneOf(
    '$TTL 172800\n@ 900 SOA ns1 dns 7 1 2 3 86400\n NS ns1\nns1 300 A 192.0.2.1\nns2 300 A 192.0.2.2\nx 60 A 192.0.2.3\n',
  );
  assert.deepEqual([zone['ttl'], zone['ns_ttl']], [300, 172_800]);
  assert.deepEqual(zone['records'], {
    ns1: { type: 'A', value: '192.0.2.1' },
    ns2: { type: 'A', value: '192.0.2.2' },
    x: { type: 'A', ttl: 60, value: '192.0.2.3' },
  });
  const alone = zoneOf('$TTL 172800\n@ SOA ns1.a. dns 7 1 2 3 4\n NS ns1.a.\nsub NS ns1.a.\n');
  assert.deepEqual([alone['ttl'], alone['ns_ttl']], [3_600, 172_800]);
  const equal = zoneOf(`${HEAD}a A 192.0.2.1\n`);
  assert.deepEqual([equal['ttl'], equal['ns_ttl']], [60, undefined]);
});

test('what a configuration cannot say is listed', () => {
  const rrsig = (type: string, ttl: number) => `a ${ttl} RRSIG ${type} 13 3 60 1760000000 0 7 @ AQIDBA==\n`;
  assert.deepEqual(imported(HEAD).lost, [
    'the serial 7 of the SOA: Signpost numbers what it publishes itself',
  ]);
  const { lost } = imported(
    `$TTL 60\n@ SOA ns1 dns 7 1 2 4294967295 4\n NS ns1\n${rrsig('A', 60)}${rrsig('TXT', 30)}`,
  );
  assert.deepEqual(lost.slice(1), [
    'the expire 4294967295 of the SOA: it becomes 2147483647, the most there is',
    'the TTLs 30, 60 of the RRSIG records of a.example.com: all get 30',
  ]);
});

test('a name that is no key is written as one that is', () => {
  const { yaml } = imported(`${HEAD}__proto__ A 192.0.2.1\n`);
  const checked = checkConfiguration(yaml, 'f');
  assert.ok(checked.ok, yaml);
  assert.deepEqual(Object.keys(checked.configuration.zones['example.com']!.records), ['\\095_proto__']);
});
