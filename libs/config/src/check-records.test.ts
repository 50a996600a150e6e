/** Steered records of services, names that follow from records, and aliases: what cannot be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configurationSchema } from '@signpost/contracts/configuration';

import { checkReferences } from './check-references.ts';

const BASE = {
  apiVersion: 'signpost/v1',
  targets: {
    a: { a: '192.0.2.1' },
    ['t'.repeat(55)]: { a: '192.0.2.2' },
    host: { cname: 'edge.example.org.' },
  },
  pools: {
    eu: { members: [{ target: 'a' }] },
    long: { members: [{ target: 't'.repeat(55) }] },
    hosts: { members: [{ target: 'host' }] },
  },
  policies: {
    p: { rules: [{ try: ['eu', 'hosts'] }] },
    long: { rules: [{ try: ['long'] }] },
    hosts: { rules: [{ try: ['hosts'] }] },
  },
};

function mistakes(records: object, others: object = {}): string[] {
  const zone = (own: object) => ({
    soa: { primary: 'ns1.example.net.', contact: 'dns.example.net.' },
    ns: ['ns1.example.net.'],
    records: own,
  });
  const zones = {
    'example.net': zone(records),
    ...Object.fromEntries(Object.entries(others).map(([apex, own]) => [apex, zone(own as object)])),
  };
  return checkReferences(configurationSchema.parse({ ...BASE, zones })).map(
    ({ path, message }) => `${path.slice(3).join('/')}: ${message}`,
  );
}

const A = { type: 'A', value: '192.0.2.9' };

test('settings of services stand with the types that they are for, and SRV needs a port', () => {
  assert.deepEqual(mistakes({ go: { steer: 'p', types: ['A', 'HTTPS', 'SVCB', 'MX'] } }), []);
  assert.deepEqual(mistakes({ go: { steer: 'p', types: ['A', 'SRV'] } }), [
    'go/types/1: SRV records name a port, which the targets do not tell; add srv: { port: 443 } or the like',
  ]);
  assert.deepEqual(mistakes({ go: { steer: 'p', mx: {}, https: {}, srv: { port: 1 } } }), [
    'go/mx: the record has no type MX that it is for; add it to "types" or remove it',
    'go/srv: the record has no type SRV that it is for; add it to "types" or remove it',
    'go/https: the record has no type HTTPS or SVCB that it is for; add it to "types" or remove it',
  ]);
});

test('names of pools must be free', () => {
  const taken =
    'go: HTTPS records need eu.go.example.net as the name of pool "eu", but records stand there already; remove those or rename the pool';
  assert.deepEqual(mistakes({ go: { steer: 'p', types: ['HTTPS'] }, 'eu.go': A }), [taken]);
  assert.deepEqual(mistakes({ go: { steer: 'p', types: ['HTTPS'] }, 'hosts.go': A }), []);
  assert.deepEqual(
    mistakes({ go: { steer: 'p', types: ['HTTPS'], https: { failover: false } }, 'eu.go': A }),
    [],
  );
  assert.deepEqual(mistakes({ '*': { steer: 'p', types: ['MX'] } }), [
    '*: MX records lead to a name for each pool, and a wildcard has none below it; use targets with host names',
  ]);
  assert.deepEqual(mistakes({ '*': { steer: 'hosts', types: ['MX', 'HTTPS'] } }), []);
  const deep = `${'x'.repeat(60)}.${'x'.repeat(60)}.${'x'.repeat(60)}.${'x'.repeat(56)}`;
  assert.match(
    mistakes({ [deep]: { steer: 'p', types: ['HTTPS'] } })[0]!,
    /name of pool "eu".*name too long/,
  );
});

test('signed names of targets must be names', () => {
  assert.deepEqual(mistakes({ go: { steer: 'p', affinity_names: true } }), []);
  assert.match(
    mistakes({ go: { steer: 'long', affinity_names: true } })[0]!,
    /^go\/affinity_names: the name of target "t{55}" would be none: .*label too long/,
  );
  assert.deepEqual(mistakes({ '*': { steer: 'p', affinity_names: true } }), [
    '*/affinity_names: a wildcard has no names below it; use a record with a name of its own',
  ]);
});

test('an alias leads to a steered record, to addresses, or elsewhere', () => {
  const records = {
    go: { steer: 'p' },
    www: { type: 'CNAME', value: 'go.example.net.' },
    ns1: A,
    sub: { type: 'NS', value: 'ns.example.com.' },
  };
  for (const alias of [
    'go',
    'www',
    'ns1',
    'GO.Example.NET.',
    'host.example.org.',
    'x.sub',
    'www.example.com.',
  ]) {
    assert.deepEqual(mistakes({ ...records, '@': { alias } }, { 'example.com': { www: A } }), [], alias);
  }
  assert.match(
    mistakes({ ...records, '@': { alias: 'gone' } })[0]!,
    /^@\/alias: gone\.example\.net has no addresses in zone example\.net; .*, or "gone\." for a host elsewhere$/,
  );
  assert.match(
    mistakes({ x: { alias: 'lost.example.com.' } }, { 'example.com': { www: A } })[0]!,
    /lost\.example\.com has no addresses in zone example\.com; [^"]*"?[^"]*"?[^,]*$/,
  );
  assert.match(mistakes({ x: { alias: 'a..b' } })[0]!, /^x\/alias: .*empty label/);
});

test('aliases do not lead in a circle, and stand beside no CNAME', () => {
  assert.deepEqual(mistakes({ x: { alias: 'y' }, y: { alias: 'z' }, z: { alias: 'x' } }).slice(0, 1), [
    'x/alias: leads in a circle (x.example.net > y.example.net > z.example.net > x.example.net); remove one of the steps',
  ]);
  assert.match(
    mistakes({ x: { alias: 'x' } })[0]!,
    /leads in a circle \(x\.example\.net > x\.example\.net\)/,
  );
  assert.deepEqual(mistakes({ x: [{ alias: 'ns1' }, { type: 'CNAME', value: 'a.' }], ns1: A }), [
    'x/1: nothing may stand beside a CNAME (RFC 1034); remove one of the records',
  ]);
  assert.deepEqual(mistakes({ x: [{ alias: 'ns1' }, A], ns1: A }), [
    'x/1: the name has A records already; put all values into one record',
  ]);
});

test('not more hosts elsewhere than can be looked up', () => {
  const records = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, n) => [`h${n}`, { alias: `h${n}.example.org.` }]),
  );
  assert.equal(mistakes(records).length, 1, 'with the target there are 1,001');
  assert.match(mistakes(records)[0]!, /name 1001 hosts elsewhere, and at most 1000 are looked up/);
});
