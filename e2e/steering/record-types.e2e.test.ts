/** Records of docs/examples/records.yaml, which name pools, hosts and targets or stand for others: each asked of a real authority. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { affinityNames } from '@signpost/controller/affinity/affinity-names';
import { RRType } from '@signpost/dns/constants';
import { formatRdata } from '@signpost/dns/rdata';
import type { ResolvedName } from '@signpost/policy/resolved-names';
import { ask, type DnsAnswer } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';
import { findDebianTools } from '@signpost/testkit/find-debian-tools';
import { freePort } from '@signpost/testkit/free-port';
import { startGuardedProcess } from '@signpost/testkit/guarded-process';

import { CLIENTS, networks, startSteeringWorld, type SteeringWorld } from './steering-world.ts';

const RESOLVED: Readonly<Record<string, ResolvedName>> = {
  'edge.example.org': { a: ['192.0.2.201', '192.0.2.202'], aaaa: ['2001:db8:9::1'], ttl: 45 },
  'www.example.org': { a: ['192.0.2.210'], aaaa: [], ttl: 120 },
};

const resolved = (host: string) => RESOLVED[host];
const affinity = affinityNames(['a secret of the test']);
const EU_DOWN = { 'eu-a': 'down', 'eu-b': 'down' } as const;

/** RDATA texts of the answers, sorted as they came. */
function texts({ answers }: DnsAnswer): string[] {
  return answers.map((answer) => {
    const { data, type } = answer as { data: unknown; type: string };
    if (Buffer.isBuffer(data)) return formatRdata(type === 'UNKNOWN_64' ? RRType.SVCB : RRType.HTTPS, data);
    if (type === 'MX') {
      const { preference, exchange } = data as { preference: number; exchange: string };
      return `${preference} ${exchange}.`;
    }
    if (type !== 'SRV') return String(data);
    const { priority, weight, port, target } = data as Record<string, string | number>;
    return `${priority} ${weight} ${port} ${target}.`;
  });
}

async function look(world: SteeringWorld, name: string, type: string, subnet = '81.8.0.0/24') {
  return texts(await world.ask(name, { type, subnet }));
}

const SINGLE = 'ipv4hint=';

test('records that name pools, hosts and targets', async (t) => {
  const yaml = await readFile('docs/examples/records.yaml', 'utf8');
  const world = await startSteeringWorld(t, () => yaml);
  const view = { resolved, affinity, nowMs: Date.now() };
  await world.serve({}, view);

  await t.test(
    'HTTPS: the chosen pool first, the next healthy one second, each under its own name',
    async () => {
      assert.deepEqual(await look(world, 'go', 'TYPE65'), [
        '1 eu.go.example.net. alpn="h3,h2" port=8443 ipv4hint=192.0.2.10,192.0.2.11 ipv6hint=2001:db8:1::10',
        '2 us.go.example.net. alpn="h3,h2" port=8443 ipv4hint=198.51.100.10 ipv6hint=2001:db8:2::10',
      ]);
      assert.deepEqual(
        (await look(world, 'go', 'TYPE65', CLIENTS.tokyo)).map((text) =>
          text.split(' ').slice(0, 2).join(' '),
        ),
        ['1 ap.go.example.net.', '2 us.go.example.net.'],
      );
      assert.match((await look(world, 'eu.go', 'A'))[0]!, /^192\.0\.2\.1[01]$/);
      assert.deepEqual(await look(world, 'us.go', 'AAAA'), ['2001:db8:2::10']);
      assert.deepEqual(await look(world, 'ap.go', 'AAAA'), []);
    },
  );

  await t.test('HTTPS, when a target or the pool fails', async () => {
    await world.serve({ 'eu-b': 'down' }, view);
    assert.match((await look(world, 'go', 'TYPE65'))[0]!, /ipv4hint=192\.0\.2\.10 /);
    await world.serve(EU_DOWN, view);
    assert.deepEqual(
      (await look(world, 'go', 'TYPE65')).map((text) => text.split(' ').slice(0, 2).join(' ')),
      ['1 us.go.example.net.', '2 ap.go.example.net.'],
    );
    assert.match((await look(world, 'eu.go', 'A'))[0]!, /^192\.0\.2\.1[01]$/, 'whoever was led here before');
    await world.serve({}, view);
  });

  await t.test('a fence: those inside are told of no other pool', async () => {
    const names = async (subnet: string) =>
      (await look(world, 'fenced', 'TYPE65', subnet)).map((text) => text.split(' ')[1]);
    assert.deepEqual(await names(CLIENTS.frankfurt), ['eu.fenced.example.net.']);
    assert.deepEqual(await names(CLIENTS.tokyo), ['eu.fenced.example.net.', 'us.fenced.example.net.']);
    await world.serve(EU_DOWN, view);
    assert.deepEqual(await names(CLIENTS.frankfurt), []);
    await world.serve({}, view);
  });

  await t.test('the next in line of the nearest is the one nearest to it', async () => {
    const lines = async (subnet: string) => await look(world, 'nearest', 'TYPE65', subnet);
    assert.deepEqual(await lines(CLIENTS.frankfurt), [
      '1 eu.nearest.example.net.',
      '2 us.nearest.example.net.',
    ]);
    assert.deepEqual(await lines(CLIENTS.tokyo), ['1 ap.nearest.example.net.', '2 eu.nearest.example.net.']);
  });

  await t.test('all types choose the same pool for one client', async () => {
    const counts = { eu: 0, us: 0 };
    for (const network of networks(60)) {
      const [address] = await look(world, 'split', 'A', network);
      const pool = address!.startsWith('192.0.2.') ? 'eu' : 'us';
      counts[pool] += 1;
      for (const type of ['TYPE65', 'TYPE64']) {
        const [first, second] = await look(world, 'split', type, network);
        assert.ok(first!.startsWith(`1 ${pool}.split.example.net. ${SINGLE}`), `${first} for ${network}`);
        assert.ok(second!.startsWith(`2 ${pool === 'eu' ? 'us' : 'eu'}.split.example.net.`));
      }
      assert.ok((await look(world, 'plain', 'TYPE65', network))[0]!.startsWith('1 . '));
    }
    assert.ok(counts.eu > counts.us && counts.us > 0, JSON.stringify(counts));
  });

  await t.test('MX and SRV: hosts of the chosen pool, then those of the next one', async () => {
    assert.deepEqual(await look(world, 'mail', 'MX'), [
      '20 mx1.example.org.',
      '20 mx2.example.org.',
      '30 mx3.example.org.',
    ]);
    assert.deepEqual(await look(world, 'mail', 'SRV'), [
      '5 3 25 mx1.example.org.',
      '5 1 25 mx2.example.org.',
      '6 1 25 mx3.example.org.',
    ]);
    await world.serve({ 'mail-a': 'down' }, view);
    assert.deepEqual(await look(world, 'mail', 'MX'), ['20 mx2.example.org.', '30 mx3.example.org.']);
    await world.serve({ 'mail-a': 'down', 'mail-b': 'down' }, view);
    assert.deepEqual(await look(world, 'mail', 'MX'), ['20 mx3.example.org.']);
    assert.deepEqual(await look(world, 'mail', 'A'), []);
    await world.serve({}, view);
    assert.deepEqual(await look(world, 'go', 'MX'), ['10 eu.go.example.net.', '20 us.go.example.net.']);
    assert.deepEqual(await look(world, 'go', 'SRV'), [
      '10 100 443 eu.go.example.net.',
      '11 1 443 us.go.example.net.',
    ]);
  });

  await t.test(
    'an alias at the apex: the same targets for the same clients, beside SOA, NS and TXT',
    async () => {
      for (const network of networks(20)) {
        assert.deepEqual(await look(world, '@', 'A', network), await look(world, 'go', 'A', network));
        assert.deepEqual(await look(world, 'second', 'A', network), await look(world, 'go', 'A', network));
      }
      assert.match((await look(world, '@', 'TYPE65'))[0]!, /^1 eu\.go\.example\.net\. /);
      assert.equal((await world.ask('@', { type: 'NS' })).answers.length, 1);
      assert.equal((await world.ask('@', { type: 'TXT' })).answers.length, 1);
      assert.deepEqual(await look(world, '@', 'MX'), []);
    },
  );

  await t.test('aliases of static records and of hosts elsewhere', async () => {
    const ttlOf = ({ answers }: DnsAnswer) => (answers[0] as { ttl: number }).ttl;
    const own = await world.ask('static');
    assert.deepEqual([texts(own), ttlOf(own)], [['192.0.2.53'], 30]);
    const host = await world.ask('host');
    assert.deepEqual([texts(host), ttlOf(host)], [['192.0.2.210'], 40]);
    assert.deepEqual(await look(world, 'host', 'AAAA'), []);
  });

  await t.test('host names where a CNAME cannot stand: their addresses, by weight', async () => {
    assert.deepEqual(texts(await world.ask('cdn')), ['edge.example.org.'.slice(0, -1)]);
    const seen = new Set<string>();
    await eventually(
      async () => seen.add((await look(world, 'flat', 'A'))[0]!),
      () => seen.size === 2,
    );
    assert.deepEqual([...seen].toSorted(), ['192.0.2.201', '192.0.2.202']);
    const { answers } = await world.ask('flat', { type: 'AAAA' });
    assert.deepEqual(
      [texts({ answers } as DnsAnswer), (answers[0] as { ttl: number }).ttl],
      [['2001:db8:9::1'], 45],
    );
    assert.deepEqual(await look(world, 'flat', 'CNAME'), []);
    assert.deepEqual(await look(world, 'bound', 'TYPE65'), [
      '1 edge.example.org.',
      '2 eu.bound.example.net. ipv4hint=192.0.2.10,192.0.2.11 ipv6hint=2001:db8:1::10',
    ]);
  });

  await t.test('a signed name leads to its target while it serves, then where the policy leads', async () => {
    const nameOf = (target: string) =>
      affinity!('example.net', 'pinned.example.net', target)[0]!.replace(/\.example\.net$/, '');
    assert.match(nameOf('eu-b'), /^eu-b-[a-z2-7]{8}\.pinned$/);
    for (const network of networks(10)) {
      assert.deepEqual(await look(world, nameOf('eu-b'), 'A', network), ['192.0.2.11']);
      assert.deepEqual(await look(world, nameOf('ap-a'), 'A', network), ['203.0.113.10']);
    }
    assert.deepEqual(await look(world, nameOf('us-a'), 'AAAA'), ['2001:db8:2::10']);
    assert.deepEqual(await look(world, nameOf('eu-b'), 'AAAA'), []);
    await world.serve({ 'eu-b': 'suspect' }, view);
    assert.deepEqual(await look(world, nameOf('eu-b'), 'A'), ['192.0.2.11']);
    await world.serve({ 'eu-b': 'down' }, view);
    for (const network of networks(10)) {
      assert.deepEqual(
        await look(world, nameOf('eu-b'), 'A', network),
        await look(world, 'pinned', 'A', network),
      );
    }
    assert.equal((await world.ask('eu-b-aaaaaaaa.pinned')).rcode, 'NXDOMAIN');
    await world.serve({}, view);
  });

  await t.test('SERVFAIL where the policy says so: no record, no SOA, and why', async () => {
    await world.serve({ 'us-a': 'down' }, view);
    for (const name of ['strict', 'www']) {
      const answer = await world.ask(name, { edns: true });
      assert.deepEqual(
        [answer.rcode, answer.answers.length, answer.authorities.length, answer.flags.aa],
        ['SERVFAIL', 0, 0, false],
      );
      assert.deepEqual(answer.edns?.errors, [{ infoCode: 0, text: 'no pool serves: servfail' }]);
    }
    assert.deepEqual((await world.ask('go', { edns: true })).edns?.errors, []);
    await world.serve({ ...EU_DOWN, 'us-a': 'down', 'ap-a': 'down' }, view);
    const open = await world.ask('go', { edns: true });
    assert.equal(open.rcode, 'NOERROR');
    assert.deepEqual(open.edns?.errors, [{ infoCode: 0, text: 'no pool serves: fail_open' }]);
    assert.equal((await world.ask('go')).edns, undefined);
    await world.serve({}, view);
  });

  await t.test('through a real resolver', async (resolving) => {
    const unbound = (await findDebianTools({ unbound: 'unbound' })).get('unbound');
    if (unbound === undefined) return resolving.skip('there is no unbound');
    await using resolver = await startUnbound(unbound, world.port);
    const get = async (name: string, type: string) =>
      ask({ server: '127.0.0.1', port: resolver.port, name: `${name}.example.net`, type, edns: true });
    // Resolvers turn the records of an RRset; the priorities are what counts.
    const names = texts(await get('go', 'TYPE65')).map((text) => text.split(' ').slice(0, 2).join(' '));
    assert.deepEqual(names.toSorted(), ['1 eu.go.example.net.', '2 us.go.example.net.']);
    assert.match(texts(await get('eu.go', 'A'))[0]!, /^192\.0\.2\.1[01]$/);
    assert.deepEqual(texts(await get('mail', 'MX')).length, 3);
    await world.serve({ ...EU_DOWN, 'us-a': 'down', 'ap-a': 'down' }, view);
    assert.equal((await get('strict', 'A')).rcode, 'SERVFAIL');
    const open = await get('split', 'A');
    assert.deepEqual([open.rcode, open.answers.length], ['NOERROR', 1], 'an extended error harms nothing');
  });
});

async function startUnbound(unbound: string, authority: number) {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-unbound-'));
  const port = await freePort('127.0.0.1');
  const file = join(directory, 'unbound.conf');
  await writeFile(
    file,
    `server:
  interface: 127.0.0.1
  port: ${port}
  access-control: 127.0.0.0/8 allow
  username: ""
  chroot: ""
  directory: "${directory}"
  pidfile: ""
  use-syslog: no
  do-ip6: no
  do-not-query-localhost: no
  module-config: "iterator"
stub-zone:
  name: example.net
  stub-addr: 127.0.0.1@${authority}
remote-control:
  control-enable: no
`,
  );
  const started = await startGuardedProcess(unbound, ['-d', '-p', '-c', file], { cwd: directory });
  await eventually(
    () => ask({ server: '127.0.0.1', port, name: 'ns1.example.net', type: 'A' }).then(Boolean, () => false),
    Boolean,
  );
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      await started.stop();
      await rm(directory, { recursive: true });
    },
  };
}
