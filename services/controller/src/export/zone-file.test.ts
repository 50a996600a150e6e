import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadZone } from '@signpost/dns/zone-file/load-zone';
import { NOT_MONITORED, type TargetHealth } from '@signpost/policy/health-view';

import { EXAMPLE_YAML, exampleConfiguration } from '../testing/example-configuration.ts';
import { buildTopology } from '../topology/topology.ts';
import { exportConfiguredZone, exportZone } from './export-zone.ts';

const DOWN: TargetHealth = { state: 'down', ipv4: 'down', ipv6: 'down', reason: 'refused' };

/** Lines of one owner, with the fields apart by one blank. */
function lines(text: string | undefined, owner: string): string[] {
  return text!
    .split('\n')
    .filter((line) => line.startsWith(`${owner}\t`) || line.startsWith(`${owner}.`))
    .map((line) => line.replaceAll('\t', ' '));
}

function example(down: readonly string[] = [], yaml = EXAMPLE_YAML) {
  const health = (_: unknown, target: string) => (down.includes(target) ? DOWN : NOT_MONITORED);
  return exportZone(buildTopology(exampleConfiguration(yaml)), 'Example.NET.', {
    health,
    view: {},
    serial: 5,
    wallMs: 9_000,
  });
}

test('static records stand as they are, steered ones as a client nobody knows gets them, with a comment', () => {
  const text = example();
  assert.deepEqual(lines(text, '@').slice(0, 2), [
    '@ 3600 IN SOA ns1.example.net. dns.example.net. 5 3600 600 1209600 30',
    '@ 3600 IN NS ns1.example.net.',
  ]);
  assert.deepEqual(lines(text, 'www'), ['www 300 IN CNAME go.example.net.']);
  // The last rule of "global" begins with us.
  assert.deepEqual(lines(text, 'go'), ['go 30 IN A 198.51.100.10 ; steered by policy global: pool us']);
  assert.deepEqual(lines(text, '; go'), [
    '; go.example.net AAAA: steered by policy global: pool us, no answer now',
  ]);
});

test('another name server would take it', () => {
  const { records, mistakes, warnings } = loadZone('example.net', 'zone', () => example()!);
  assert.deepEqual(mistakes, []);
  assert.deepEqual(
    warnings.map(({ message }) => message.slice(0, 48)),
    ['the MX record leads to mail.example.net., which '],
  );
  assert.equal(records.length, 11);
});

test('health decides as it does in answers: the next pool, all of its answers, the heaviest first', () => {
  assert.deepEqual(lines(example(['us-a']), 'go'), [
    'go 30 IN A 192.0.2.10 ; steered by policy global: pool eu',
    'go 30 IN A 192.0.2.11 ; steered by policy global: pool eu',
    'go 30 IN AAAA 2001:db8:1::10 ; steered by policy global: pool eu',
  ]);
  const turned = EXAMPLE_YAML.replace('weight: 80', 'weight: 10');
  assert.deepEqual(
    lines(example(['us-a'], turned), 'go').map((line) => line.split(' ')[4]),
    ['192.0.2.11', '192.0.2.10', '2001:db8:1::10'],
  );
  const drained = EXAMPLE_YAML.replace('weight: 80', 'weight: 0');
  assert.equal(lines(example(['us-a'], drained), 'go')[0]!.split(' ')[4], '192.0.2.11');
});

test('a pool of host names is one alias, once though it answers for each type', () => {
  const yaml = EXAMPLE_YAML.replace('a: 203.0.113.99', 'cname: cdn.example.org.').replace(
    '- { try: [us, eu, spare] }',
    '- { try: [{ weighted: { us: 10, spare: 90 } }] }',
  );
  assert.deepEqual(lines(example([], yaml), 'go'), [
    'go 30 IN CNAME cdn.example.org. ; steered by policy global: pool spare',
  ]);
});

test('a zone that runs nowhere is numbered by the clock, and one that is not there is none', () => {
  const configuration = exampleConfiguration();
  assert.match(exportConfiguredZone(configuration, 'example.net', 77_000)!, /SOA\t\S+ \S+ 77 3600/);
  assert.equal(exportConfiguredZone(configuration, 'example.org', 1), undefined);
});
