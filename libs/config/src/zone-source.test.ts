/** Zone files in a configuration: what comes of them, and every mistake in and beside them with its place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseZoneFile } from '@signpost/dns/zone-file/parse-zone-file';

import { checkConfiguration, formatMistake } from './check-configuration.ts';

const ZONE = `$TTL 1h
@ SOA ns1 dns ( 7 1h 10m 14d 30 )
  NS ns1
ns1 A 192.0.2.53
old A 192.0.2.9
mail MX 10 ns1
sub NS ns.sub
ns.sub A 192.0.2.3
*.cut NS ns1
moved DNAME other.example.
signed CNAME ns1
signed RRSIG CNAME 13 3 60 1760000000 0 7 @ AQIDBA==
`;

const configuration = (zone: string) => `apiVersion: signpost/v1
targets: { a: { a: 192.0.2.1 }, h: { cname: cdn.example.org. } }
pools: { p: { members: [{ target: a }] }, q: { members: [{ target: h }] } }
policies: { all: { rules: [{ try: [p] }] }, host: { rules: [{ try: [q] }] } }
zones:
  example.net:
${zone}`;

/** The files beside `etc/signpost.yaml`; the zone file has more behind its end. */
function check(zone: string, more = '', others: Readonly<Record<string, string>> = {}) {
  const files: Record<string, string> = { 'etc/net.zone': ZONE + more, ...others };
  return checkConfiguration(configuration(zone), 'etc/signpost.yaml', (path) => {
    const name = Object.keys(files).find((each) => path.endsWith(each));
    if (name === undefined) throw new Error(`ENOENT: ${path}`);
    return files[name]!;
  });
}

function mistakes(zone: string, more = ''): string[] {
  const checked = check(zone, more);
  return checked.ok ? [] : checked.mistakes.map(formatMistake);
}

const FILE = '    file: net.zone\n';
const records = (...lines: string[]) =>
  `${FILE}    records:\n${lines.map((line) => `      ${line}\n`).join('')}`;

test('what is taken holds the zone file itself, with all that it includes, and names no file', () => {
  const more = '$INCLUDE hosts\n$GENERATE 1-2 h$ A 192.0.2.$\n';
  const checked = check(records('www: { steer: all }'), more, { 'etc/hosts': 'x TXT "included"\n' });
  assert.ok(checked.ok);
  const zone = checked.input.zones!['example.net']!;
  assert.deepEqual(Object.keys(zone), ['text', 'records']);
  assert.equal(checked.configuration.zones['example.net']!.text, zone.text);
  const read = parseZoneFile(zone.text!, { origin: 'example.net', file: 'text' });
  assert.deepEqual(read.mistakes, []);
  assert.equal(read.records.length, 14);
  assert.match(zone.text!, /^x\t3600\tIN\tTXT\t"included"$/m);
  assert.match(zone.text!, /^h2\t/m);
  const again = checkConfiguration(JSON.stringify(checked.input), 'anywhere');
  assert.ok(again.ok);
  assert.deepEqual(again.input, checked.input, 'and is taken as it is');
});

test('mistakes in the zone file, in what it includes and in the configuration are told in one run', () => {
  const checked = check(
    records('www: { steer: al }'),
    'bad A 192.0.2\n$INCLUDE hosts\nns1 CNAME x\n$INCLUDE gone\n',
    { 'etc/hosts': '\ny NOSUCH 1\n' },
  );
  assert.ok(!checked.ok);
  assert.deepEqual(
    checked.mistakes.map((mistake) =>
      formatMistake(mistake)
        .replace(/^\S*(?=etc\/)/, '')
        .slice(0, 75),
    ),
    [
      'etc/net.zone:13:7 A: "192.0.2" is not an IPv4 address; write one like 192.0.2.1',
      'etc/hosts:2:3 "NOSUCH" is no record type; write one like A or MX, or TYPE and its number',
      'etc/net.zone:16:10 "gone" cannot be read; check that the file is there',
      'etc/net.zone:15:1 ns1.example.net. has a CNAME in line 15 and A in line 4; an alias has',
      'etc/signpost.yaml:9:21 zones["example.net"].records.www.steer: there is no policy "al"; did you mean "all"?',
    ].map((line) => line.slice(0, 75)),
  );
});

test('a zone without SOA and name servers in its file is told so there', () => {
  const checked = check('    file: none.zone\n', '', { 'etc/none.zone': '$TTL 1\na A 192.0.2.1\n' });
  assert.ok(!checked.ok);
  assert.deepEqual(checked.mistakes.map(formatMistake), [
    'etc/none.zone:1:1 the zone example.net. has no SOA record at its apex; add one',
    'etc/none.zone:1:1 the zone example.net. has no NS record at its apex; add one',
  ]);
});

test('a file that cannot be read, or that nobody can read here, is a mistake of the key', () => {
  assert.deepEqual(mistakes('    file: gone.zone\n'), [
    'etc/signpost.yaml:7:5 zones["example.net"].file: the zone file cannot be read: ENOENT: etc/gone.zone; correct the path',
  ]);
  const checked = checkConfiguration(configuration(FILE), 'f');
  assert.ok(!checked.ok);
  assert.match(
    formatMistake(checked.mistakes[0]!),
    /^f:7:5 .*"net\.zone" cannot be read from here; apply .*signpost apply/,
  );
});

test('SOA and name servers come from the file or from the configuration, never from both', () => {
  const soa = '    soa: { primary: a., contact: b. }\n';
  const ns = '    ns: [a.]\n';
  assert.deepEqual(mistakes(FILE + soa + ns), [
    'etc/signpost.yaml:8:5 zones["example.net"].soa: soa comes from the zone file; remove it here, or file',
    'etc/signpost.yaml:9:5 zones["example.net"].ns: ns comes from the zone file; remove it here, or file',
  ]);
  assert.deepEqual(mistakes('    ttl: 60\n'), [
    'etc/signpost.yaml:6:3 zones["example.net"].soa: missing; add soa, an object, or file with a zone file that has it',
    'etc/signpost.yaml:6:3 zones["example.net"].ns: missing; add ns, a list, or file with a zone file that has it',
  ]);
  assert.deepEqual(mistakes(soa + ns), []);
  assert.deepEqual(mistakes(`${soa + ns}    ns_ttl: 86400\n`), []);
  assert.deepEqual(mistakes(`${FILE}    ns_ttl: 60\n`), [
    'etc/signpost.yaml:8:5 zones["example.net"].ns_ttl: ns_ttl comes from the zone file; remove it here, or file',
  ]);
  assert.deepEqual(mistakes(`${FILE}    text: ""\n`), [
    'etc/signpost.yaml:8:5 zones["example.net"].text: file and text exclude each other; keep one',
  ]);
});

test('a zone file may stand in the configuration itself, its mistakes with their line there', () => {
  const text = (line: string) => `    text: |\n${`${ZONE}${line}`.replaceAll(/^(?=.)/gm, '      ')}\n`;
  assert.deepEqual(mistakes(text('')), []);
  assert.match(
    mistakes(text('bad A 1.2'))[0]!,
    /^etc\/signpost\.yaml:7:11 zones\["example\.net"\]\.text: line 13:7: A: /,
  );
  assert.match(mistakes(text('$INCLUDE /etc/passwd'))[0]!, /"\/etc\/passwd" cannot be read/);
});

test('what stands in both is told with its place in the zone file', () => {
  const one = (line: string) => {
    const found = mistakes(records(line)).map((text) => text.replace(/^.*?: /, ''));
    assert.ok(found.length <= 1, found.join('\n'));
    return found[0];
  };
  const has = (type: string, line: number) =>
    `the zone file has ${type} records at this name already (etc/net.zone:${line}); keep one of the two`;
  const alias = (type: string, line: number) =>
    `nothing may stand beside a CNAME (RFC 1034), and the zone file has ${type} at this name (etc/net.zone:${line}); remove one of the records`;
  assert.equal(one('old: { steer: all }'), has('A', 5));
  assert.equal(one('OLD.example.net.: { type: A, value: 192.0.2.4 }'), has('A', 5));
  assert.equal(one('old: { steer: all, types: [AAAA] }'), undefined);
  assert.equal(one('old: { type: TXT, value: beside }'), undefined);
  assert.equal(one('signed: { steer: all }'), alias('CNAME', 11));
  assert.equal(one('signed: { type: NSEC, value: a.example.net. CNAME }'), undefined);
  assert.equal(one('mail: { steer: host }'), undefined, 'addresses of its hosts');
  assert.equal(one('mail: { type: CNAME, value: a. }'), alias('MX', 6));
  assert.equal(one('"@": { type: NS, value: a. }'), has('NS', 3));
  assert.equal(one('"@": { type: TXT, value: beside }'), undefined);
});

test('what a delegation or a DNAME hides cannot be steered', () => {
  const hidden = (owner: string, ...more: string[]) =>
    mistakes(records(`${owner}: { steer: all }`, ...more)).map((text) => text.replace(/^.*?: /, ''));
  const by = (type: string, owner: string, line?: number) => [
    `the ${type} records of ${owner}.example.net${line === undefined ? '' : ` (etc/net.zone:${line})`} hide this name from every query; steer a name that is not below it, or remove them`,
  ];
  assert.deepEqual(hidden('sub'), by('NS', 'sub', 7));
  assert.deepEqual(hidden('a.b.sub'), by('NS', 'sub', 7));
  assert.deepEqual(hidden('x.moved'), by('DNAME', 'moved', 10));
  assert.deepEqual(hidden('moved'), [], 'beside a DNAME is not below it');
  assert.deepEqual(hidden('www', 'x: { type: NS, value: a. }'), []);
  assert.deepEqual(hidden('www.x', 'x: { type: NS, value: a. }'), by('NS', 'x'));
  assert.deepEqual(hidden('a.cut'), [], 'NS records of a wildcard are no delegation');
  assert.deepEqual(mistakes(records('glue.sub: { type: A, value: 192.0.2.8 }')), [], 'glue is no answer');
});

test('a zone too large for the store is told with what else to do', () => {
  const [told, ...others] = mistakes(FILE, '$GENERATE 1-40000 h$ A 192.0.2.1\n');
  assert.match(told!, /^etc\/signpost\.yaml:7:5 .*takes \d{7} octets .* 1000000 .*SIGNPOST_ZONE/);
  assert.deepEqual(others, []);
});

test('what is read otherwise than written is a warning with its place', () => {
  const checked = check(FILE, 'a.example.org. A 192.0.2.1\n');
  assert.ok(checked.ok);
  assert.deepEqual(checked.warnings.map(formatMistake), [
    'etc/net.zone:13:1 a.example.org. is not in the zone example.net. and is left out; move it to its zone',
  ]);
});
