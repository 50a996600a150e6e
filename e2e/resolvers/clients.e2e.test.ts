/** dig, kdig and drill ask an authority of ours in the ways that people and their scripts do, and show what is right. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';

import { findDebianTools } from '@signpost/testkit/find-debian-tools';

import { addressOf, type HardWorld, LONG_TEXTS, portProblem, startHardWorld } from './hard-world.ts';

const CLIENTS = { dig: 'bind9-dnsutils', kdig: 'knot-dnsutils', drill: 'ldnsutils' } as const;
type Client = keyof typeof CLIENTS;

const server = `@${addressOf.lab}`;
/** The header as each of the three prints it. */
const status = (rcode: string) => new RegExp(`(status|rcode): ${rcode}`);
const answers = (count: number) => new RegExp(`ANSWER: ${count}\\b`);
const A = /^plain\.hard\.lab\.\s+300\s+IN\s+A\s+192\.0\.2\.1$/m;
const DNAME = /^old\.hard\.lab\.\s+300\s+IN\s+DNAME\s+new\.hard\.lab\.$/m;
const TRUNCATED = /^;; [Ff]lags:[^;]* tc/m;
const plain = ['plain.hard.lab', 'A'];
const large = ['large.hard.lab', 'TXT'];

interface Case {
  readonly what: string;
  readonly args: readonly string[];
  readonly shows: readonly RegExp[];
  readonly hides?: readonly RegExp[];
}

const cases: Readonly<Record<Client, readonly Case[]>> = {
  dig: [
    {
      what: 'a plain name',
      args: [server, ...plain, '+norec'],
      shows: [status('NOERROR'), /flags: qr aa;/, A],
    },
    { what: 'over TCP', args: [server, ...plain, '+tcp'], shows: [A, /\(TCP\)/] },
    { what: 'with a cookie', args: [server, ...plain], shows: [A, /COOKIE: [0-9a-f]{48} \(good\)/] },
    { what: 'without a cookie', args: [server, ...plain, '+nocookie'], shows: [A], hides: [/COOKIE/] },
    { what: 'without EDNS', args: [server, ...plain, '+noedns'], shows: [A], hides: [/EDNS/] },
    {
      what: 'a long answer in 512 octets',
      args: [server, ...large, '+bufsize=512', '+ignore'],
      shows: [TRUNCATED],
    },
    {
      what: 'a long answer, TCP next',
      args: [server, ...large],
      shows: [/retrying in TCP/, answers(LONG_TEXTS)],
    },
    { what: 'EDNS version 1', args: [server, ...plain, '+edns=1', '+noednsneg'], shows: [status('BADVERS')] },
    { what: 'EDNS version 1, then 0', args: [server, ...plain, '+edns=1'], shows: [/BADVERS, retrying/, A] },
    {
      what: 'an unknown option and flags',
      args: [server, ...plain, '+ednsopt=65001:c0ffee', '+ednsflags=0x4000'],
      shows: [A],
      hides: [/OPT=65001/, /MBZ/],
    },
    {
      what: 'a subnet, at a name that is the same for all',
      args: [server, ...plain, '+subnet=192.0.2.0/24'],
      shows: [A, /CLIENT-SUBNET: 192\.0\.2\.0\/24\/0$/m],
    },
    {
      what: 'keepalive',
      args: [server, ...plain, '+tcp', '+keepalive'],
      shows: [A, /TCP KEEPALIVE: [\d.]+ secs/],
    },
    {
      what: 'a cookie alone',
      args: [server, '+header-only'],
      shows: [status('NOERROR'), /\(good\)/, answers(0)],
    },
    { what: 'a transfer', args: [server, 'hard.lab', 'AXFR'], shows: [/; Transfer failed\./] },
    { what: 'an incremental transfer', args: [server, 'hard.lab', 'IXFR=1'], shows: [/; Transfer failed\./] },
    { what: 'an update', args: [server, 'hard.lab', 'SOA', '+opcode=update'], shows: [status('NOTIMP')] },
    { what: 'a DNAME', args: [server, 'www.old.hard.lab', 'A'], shows: [DNAME, answers(3)] },
    {
      what: 'a zone that is not here',
      args: [server, 'example.org', 'A'],
      shows: [status('REFUSED'), answers(0)],
    },
  ],
  kdig: [
    { what: 'a plain name', args: [server, ...plain], shows: [status('NOERROR'), A] },
    { what: 'over TCP', args: [server, ...plain, '+tcp'], shows: [A, /\(TCP\)/] },
    { what: 'with a cookie', args: [server, ...plain, '+cookie'], shows: [A, /COOKIE: [0-9A-F]{48}/] },
    { what: 'without EDNS', args: [server, ...plain, '+noedns'], shows: [A], hides: [/EDNS/] },
    {
      what: 'a long answer in 512 octets',
      args: [server, ...large, '+bufsize=512', '+ignore'],
      shows: [TRUNCATED],
    },
    {
      what: 'a long answer, TCP next',
      args: [server, ...large],
      shows: [/retrying over TCP/, answers(LONG_TEXTS)],
    },
    {
      what: 'two on one connection',
      args: [server, '+tcp', '+keepopen', ...plain, 'www.old.hard.lab', 'A'],
      shows: [A, DNAME],
    },
    { what: 'a transfer', args: [server, 'hard.lab', 'AXFR'], shows: [/replied with error 'REFUSED'/] },
    {
      what: 'a missing name',
      args: [server, 'missing.hard.lab', 'A'],
      shows: [status('NXDOMAIN'), /IN\s+SOA/],
    },
  ],
  drill: [
    { what: 'a plain name', args: [plain[0]!, server, 'A'], shows: [status('NOERROR'), A] },
    { what: 'over TCP', args: ['-t', plain[0]!, server, 'A'], shows: [A] },
    {
      what: 'a long answer in 512 octets',
      args: ['-b', '512', large[0]!, server, 'TXT'],
      shows: [TRUNCATED],
    },
    {
      what: 'a long answer, TCP next',
      args: ['-a', '-b', '512', large[0]!, server, 'TXT'],
      shows: [answers(LONG_TEXTS)],
    },
    { what: 'with DO', args: ['-D', 'missing.hard.lab', server], shows: [status('NXDOMAIN'), /IN\s+SOA/] },
    { what: 'a transfer', args: ['axfr', 'hard.lab', server], shows: [status('REFUSED'), /AXFR failed/] },
    {
      what: 'the way from the root down',
      args: ['-T', '-r', 'HINTS', 'host.sub.hard.lab', 'A'],
      shows: [/^lab\.\s.*NS\s+ns\.lab\.$/m, /^sub\.hard\.lab\.\s.*NS\s+ns\.sub/m, /A\s+192\.0\.2\.6$/m],
    },
  ],
};

const programs = await findDebianTools(CLIENTS);
const problem = await portProblem();

let world: HardWorld;
before(async () => {
  if (problem === undefined) world = await startHardWorld();
});
after(() => world?.[Symbol.asyncDispose]());

for (const client of Object.keys(cases) as Client[]) {
  const program = programs.get(client);
  const skip = problem ?? (program === undefined ? `install ${CLIENTS[client]}` : false);
  for (const { what, args, shows, hides = [] } of cases[client]) {
    test(`${client}: ${what}`, { skip }, async () => {
      const output = await run(program!, args);
      for (const pattern of shows) assert.match(output, pattern);
      for (const pattern of hides) assert.doesNotMatch(output, pattern);
    });
  }
}

/** What it printed, however it ended: kdig fails on a refused transfer, and dig does not. */
function run(program: string, args: readonly string[]): Promise<string> {
  const given = args.map((argument) => (argument === 'HINTS' ? world.hintsFile : argument));
  return new Promise((resolve) => {
    execFile(program, given, { timeout: 15_000 }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
}
