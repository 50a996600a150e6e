/**
 * Unbound, BIND, PowerDNS Recursor and Knot Resolver resolve every kind of name through our authorities, from the root
 * down, with query minimisation and random letter case where they can, EDNS at several sizes, over UDP and over TCP.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { rcodeName, RRType, typeName } from '@signpost/dns/constants';
import { formatRdata } from '@signpost/dns/rdata';
import { readMessage } from '@signpost/dns/reference/read-message';
import { ask, type DnsQuestion } from '@signpost/testkit/dns-client';
import { findDebianTools } from '@signpost/testkit/find-debian-tools';

import {
  type HardWorld,
  LONG_TEXTS,
  longText,
  MIDDLE_TEXTS,
  portProblem,
  startHardWorld,
} from './hard-world.ts';
import {
  canUseTcpOnly,
  type Resolver,
  type ResolverName,
  RESOLVERS,
  sendsSubnet,
  startResolver,
} from './start-resolver.ts';

const texts = (count: number) => Array.from({ length: count }, (_, i) => `TXT "${longText(i)}"`);
const toPlain = 'CNAME plain.hard.lab.';

/** Name, type, response code, and the answer section in any order, without owners and TTLs. */
const QUESTIONS: ReadonlyArray<readonly [string, string, string, readonly string[]]> = [
  ['plain.hard.lab', 'A', 'NOERROR', ['A 192.0.2.1']],
  ['plain.hard.lab', 'TXT', 'NOERROR', ['TXT "plain text"']],
  ['plain.hard.lab', 'AAAA', 'NOERROR', []],
  ['pLaIn.HaRd.LaB', 'A', 'NOERROR', ['A 192.0.2.1']],
  ['mixed.hard.lab', 'A', 'NOERROR', ['A 192.0.2.8']],
  ['missing.hard.lab', 'A', 'NXDOMAIN', []],
  ['far.below.missing.hard.lab', 'A', 'NXDOMAIN', []],
  ['host.deep.in.the.tree.hard.lab', 'A', 'NOERROR', ['A 192.0.2.2']],
  ['in.the.tree.hard.lab', 'A', 'NOERROR', []],
  ['any.wild.hard.lab', 'A', 'NOERROR', ['A 192.0.2.3']],
  ['x.y.z.wild.hard.lab', 'A', 'NOERROR', ['A 192.0.2.3']],
  ['any.wild.hard.lab', 'AAAA', 'NOERROR', []],
  ['any.alias.hard.lab', 'A', 'NOERROR', [toPlain, 'A 192.0.2.1']],
  ['any.alias.hard.lab', 'CNAME', 'NOERROR', [toPlain]],
  ['one.hard.lab', 'A', 'NOERROR', ['CNAME two.hard.lab.', 'CNAME three.hard.lab.', 'A 192.0.2.4']],
  ['www.old.hard.lab', 'A', 'NOERROR', ['DNAME new.hard.lab.', 'CNAME www.new.hard.lab.', 'A 192.0.2.5']],
  ['host.sub.hard.lab', 'A', 'NOERROR', ['A 192.0.2.6']],
  ['a.b.c.sub.hard.lab', 'AAAA', 'NOERROR', ['AAAA 2001:db8::6']],
  ['b.c.sub.hard.lab', 'AAAA', 'NOERROR', []],
  ['missing.sub.hard.lab', 'A', 'NXDOMAIN', []],
  ['sub.hard.lab', 'DS', 'NOERROR', []],
  ['out.hard.lab', 'A', 'NOERROR', ['CNAME in.other.lab.', 'A 192.0.2.7']],
  ['in.moved.hard.lab', 'A', 'NOERROR', ['DNAME other.lab.', 'CNAME in.other.lab.', 'A 192.0.2.7']],
  ['nowhere.hard.lab', 'A', 'NXDOMAIN', ['CNAME missing.hard.lab.']],
  ['astray.hard.lab', 'A', 'NXDOMAIN', ['CNAME missing.other.lab.']],
  ['hard.lab', 'MX', 'NOERROR', ['MX 10 plain.hard.lab.']],
  ['_sip._tcp.hard.lab', 'SRV', 'NOERROR', ['SRV 0 1 5060 plain.hard.lab.']],
  ['service.hard.lab', 'TYPE65', 'NOERROR', ['HTTPS 1 . alpn="h2,h3" ipv4hint=192.0.2.1']],
  ['strange.hard.lab', 'TYPE65280', 'NOERROR', ['TYPE65280 \\# 3 010203']],
  ['middle.hard.lab', 'TXT', 'NOERROR', texts(MIDDLE_TEXTS)],
  ['large.hard.lab', 'TXT', 'NOERROR', texts(LONG_TEXTS)],
];

const programs = await findDebianTools(RESOLVERS);
const problem = await portProblem();
const names = Object.keys(RESOLVERS) as ResolverName[];
const settings = [
  { ednsSize: 512, tcpOnly: false },
  { ednsSize: 1_232, tcpOnly: false },
  { ednsSize: 4_096, tcpOnly: false },
  { ednsSize: 1_232, tcpOnly: true },
];

let world: HardWorld;
before(async () => {
  if (problem === undefined) world = await startHardWorld();
});
after(() => world?.[Symbol.asyncDispose]());

for (const name of names) {
  const program = programs.get(name);
  const skip = problem ?? (program === undefined ? `install ${RESOLVERS[name]}` : false);
  for (const setting of settings) {
    if (setting.tcpOnly && !canUseTcpOnly(name)) continue;
    const how = setting.tcpOnly ? 'over TCP alone' : `with ${setting.ednsSize} octets over UDP`;
    test(`${name} resolves every kind of name ${how}`, { skip }, async () => {
      await using resolver = await startResolver(name, program!, world, setting);
      const before = await requests();
      for (const [asked, type, rcode, answer] of QUESTIONS) {
        const got = await resolve(resolver, { name: asked, type });
        const wanted = { rcode, answer: answer.toSorted() };
        assert.deepEqual(got, wanted, `${asked} ${type}`);
      }
      const seen = await requests();
      const [udp, tcp] = [seen.udp - before.udp, seen.tcp - before.tcp];
      assert.equal(udp === 0, setting.tcpOnly, `${udp} queries came over UDP`);
      // The larger of the two long answers never fits, the smaller not in 512 octets.
      const atLeast = setting.tcpOnly ? 20 : setting.ednsSize === 512 ? 2 : 1;
      assert.ok(tcp >= atLeast, `${tcp} queries came over TCP`);
    });
  }
  if (!sendsSubnet(name)) continue;
  test(`${name} gets each client the answer for its place`, { skip }, async () => {
    await using resolver = await startResolver(name, program!, world, settings[1]!);
    const steered = { name: 'go.example.net', type: 'A' };
    for (let round = 0; round < 2; round += 1) {
      const [us, ap] = [
        await resolve(resolver, { ...steered, subnet: '8.8.8.0/24' }),
        await resolve(resolver, { ...steered, subnet: '133.11.0.0/24' }),
      ];
      assert.deepEqual(us, { rcode: 'NOERROR', answer: ['A 198.51.100.10'] });
      assert.deepEqual(ap, { rcode: 'NOERROR', answer: ['A 203.0.113.10'] });
    }
  });
}

/** As a stub resolver does it: over UDP, and again over TCP when told to. */
async function resolve(
  { server, port }: Resolver,
  question: Pick<DnsQuestion, 'name' | 'type' | 'subnet'>,
): Promise<{ rcode: string; answer: string[] }> {
  const asked = { server, port, timeoutMs: 10_000, edns: true, ...question };
  const first = await ask(asked);
  const { bytes } = first.flags.tc ? await ask({ ...asked, tcp: true }) : first;
  const { rcode, answers } = readMessage(bytes);
  const lines = answers
    .filter(({ type }) => type !== RRType.OPT)
    .map(({ type, rdata }) => `${typeName(type)} ${formatRdata(type, rdata)}`);
  return { rcode: rcodeName(rcode), answer: lines.toSorted() };
}

/** Queries that the authority of hard.lab has got so far. */
async function requests(): Promise<{ udp: number; tcp: number }> {
  const text = await world.metrics();
  const count = (proto: string) =>
    [...text.matchAll(/^signpost_dns_requests_total\{([^}]*)\} (\d+)$/gm)]
      .filter(([, labels]) => labels!.includes(`proto="${proto}"`))
      .reduce((sum, [, , value]) => sum + Number(value), 0);
  return { udp: count('udp'), tcp: count('tcp') };
}
