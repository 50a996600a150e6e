import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkConfiguration, formatMistake } from './check-configuration.ts';

const HEAD = `apiVersion: signpost/v1
targets: { t: { a: 192.0.2.1 } }
pools: { p: { members: [{ target: t }] } }
policies: { all: { rules: [{ try: [p] }] } }
zones:
  a.test:
`;

const SOURCE = '    soa: { primary: ns.b.test., contact: x.b.test. }\n    ns: [ns.b.test.]\n';

/** `line:column path: message` of every warning; there is no mistake. */
function warningsOf(zone: string, files: Readonly<Record<string, string>> = {}): string[] {
  const checked = checkConfiguration(HEAD + zone, 'f', (path) => files[path]!);
  assert.deepEqual(checked.ok ? [] : checked.mistakes.map(formatMistake), []);
  return checked.ok ? checked.warnings.map((warning) => formatMistake(warning)) : [];
}

test('names that lead nowhere are warned of at their place', () => {
  const zone = `    soa: { primary: ns1.a.test., contact: x.a.test. }
    ns: [ns1.a.test., ns2.a.test.]
    records:
      ns2: { type: A, value: 192.0.2.2 }
      "@": { type: MX, values: [{ preference: 10, exchange: ns2.a.test. }, 20 nowhere.a.test.] }
      api: { type: CNAME, value: nothere.a.test. }
      www.a.test: { steer: all }
`;
  assert.deepEqual(warningsOf(zone), [
    'f:8:10 zones["a.test"].ns[0]: the name server ns1.a.test. has no address in the zone; add an A or AAAA record',
    'f:11:76 zones["a.test"].records["@"].values[1]: the MX record leads to nowhere.a.test., which does not exist in the zone; add an A or AAAA record',
    'f:12:34 zones["a.test"].records.api.value: the CNAME record leads to nothere.a.test., which does not exist in the zone; add it',
    'f:13:7 zones["a.test"].records["www.a.test"]: the name is www.a.test.a.test., with the name of the zone twice; did you mean "www"?',
  ]);
});

test('names that are steered, aliases, derived, or of another zone that knows them are not', () => {
  const zone = `${SOURCE}    records:
      go: { steer: all, types: [A, AAAA, HTTPS], affinity_names: true }
      al: { alias: go }
      "@": { type: MX, values: [10 go.a.test., 20 al.a.test., 30 p.go.a.test.] }
      c: { type: CNAME, value: t-abcdefgh.go.a.test. }
      d: { type: CNAME, value: x.sub.a.test. }
      e: { type: CNAME, value: y.b.test. }
      f: { type: CNAME, value: y.deleg.a.test. }
      deleg: { type: NS, value: ns.c.test. }
  sub.a.test:
${SOURCE}    records: { x: { steer: all } }
  b.test:
${SOURCE}    records: { ns: { type: A, value: 192.0.2.1 } }
`;
  assert.deepEqual(warningsOf(zone), [
    'f:15:32 zones["a.test"].records.e.value: the CNAME record leads to y.b.test., which does not exist in the zone; add it',
  ]);
});

test('a zone file and the records beside it are one zone', () => {
  const zone = '$TTL 60\n@ SOA ns1 x 1 2 3 4 5\n@ NS ns1\na CNAME www\nb CNAME gone\nx.a.test A 192.0.2.1\n';
  const written =
    '    file: z\n    records: { ns1: { steer: all }, www: { steer: all }, c: { type: CNAME, value: a.a.test. } }\n';
  assert.deepEqual(warningsOf(written, { z: zone }), [
    'z:6:1 the name is x.a.test.a.test., with the name of the zone twice; did you mean "x"?',
    'z:5:1 the CNAME record leads to gone.a.test., which does not exist in the zone; add it',
  ]);
});
