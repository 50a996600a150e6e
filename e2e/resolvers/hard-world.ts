/**
 * A small Internet of ours on loopback addresses and port 53, since delegations know no other port: a root zone, zones
 * with all that resolvers stumble over, and a steered zone, each group served by an authority of its own so that
 * resolvers must follow real referrals. It must not know who asks.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ask } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';
import { freePort } from '@signpost/testkit/free-port';
import { startSignpost } from '@signpost/testkit/start-process';
import { startTarget } from '@signpost/testkit/start-target';

import { clusterConfiguration } from '../cluster.ts';

/** Of this process alone, so that test files beside each other do not meet. */
const net = `127.${64 + (process.pid & 0x7f)}.${(process.pid >> 7) & 0xff}`;
export const addressOf = {
  root: `${net}.1`,
  lab: `${net}.2`,
  other: `${net}.3`,
  steered: `${net}.4`,
} as const;

export interface HardWorld extends AsyncDisposable {
  /** For whoever wants a file of its own. */
  readonly directory: string;
  /** Root hints as a master file. */
  readonly hintsFile: string;
  /** The metrics of the authority of `hard.lab`. */
  metrics(): Promise<string>;
}

/** Why no server of ours can listen on port 53 of those addresses; undefined: it can. */
export async function portProblem(): Promise<string | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.bind({ port: 53, address: addressOf.root, exclusive: true });
    await once(socket, 'listening');
    return undefined;
  } catch (error) {
    return `cannot listen on ${addressOf.root}:53 (${error instanceof Error ? error.message : String(error)})`;
  } finally {
    socket.close();
  }
}

export const longText = (index: number): string => `${index}`.padStart(3, '0').padEnd(200, 'x');
export const LONG_TEXTS = 40;
export const MIDDLE_TEXTS = 4;

const soa = 'SOA ns hostmaster 1 3600 600 604800 60';

/** Origin -> text, for each server. */
const zones: Readonly<Record<'root' | 'lab' | 'other', Readonly<Record<string, string>>>> = {
  root: {
    '.': `$TTL 3600
. SOA a.root. hostmaster.root. 1 3600 600 604800 60
. NS a.root.
a.root. A ${addressOf.root}
lab. NS ns.lab.
ns.lab. A ${addressOf.lab}
example.net. NS ns1.example.net.
ns1.example.net. A ${addressOf.steered}
`,
  },
  lab: {
    'lab.': `$TTL 3600
@ ${soa}
  NS ns
ns A ${addressOf.lab}
other NS ns.other
ns.other A ${addressOf.other}
`,
    'hard.lab.': `$TTL 300
@ ${soa}
  NS ns
  MX 10 plain
ns A ${addressOf.lab}
plain A 192.0.2.1
  TXT "plain text"
host.deep.in.the.tree A 192.0.2.2
*.wild A 192.0.2.3
*.alias CNAME plain
one CNAME two
two CNAME three
three A 192.0.2.4
old DNAME new
www.new A 192.0.2.5
sub NS ns.sub
ns.sub A ${addressOf.other}
out CNAME in.other.lab.
moved DNAME other.lab.
nowhere CNAME missing
astray CNAME missing.other.lab.
service HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1
_sip._tcp SRV 0 1 5060 plain
strange TYPE65280 \\# 3 010203
MiXeD A 192.0.2.8
${texts('large', LONG_TEXTS)}${texts('middle', MIDDLE_TEXTS)}`,
  },
  other: {
    'other.lab.': `$TTL 300
@ ${soa}
  NS ns
ns A ${addressOf.other}
in A 192.0.2.7
`,
    'sub.hard.lab.': `$TTL 300
@ ${soa}
  NS ns
ns A ${addressOf.other}
host A 192.0.2.6
a.b.c AAAA 2001:db8::6
`,
  },
};

function texts(owner: string, count: number): string {
  return Array.from({ length: count }, (_, i) => `${owner} TXT "${longText(i)}"\n`).join('');
}

export async function startHardWorld(): Promise<HardWorld> {
  const open = new AsyncDisposableStack();
  try {
    const directory = await mkdtemp(join(tmpdir(), 'signpost-resolvers-'));
    open.defer(() => rm(directory, { recursive: true, force: true }));
    const hintsFile = join(directory, 'hints');
    await writeFile(hintsFile, `. 3600000 NS a.root.\na.root. 3600000 A ${addressOf.root}\n`);
    const adminPort = await freePort();
    await Promise.all([
      startAuthority(open, directory, 'root', 0),
      startAuthority(open, directory, 'lab', adminPort),
      startAuthority(open, directory, 'other', 0),
      startSteered(open, directory),
    ]);
    const metrics = async () => (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    return { directory, hintsFile, metrics, [Symbol.asyncDispose]: () => open.disposeAsync() };
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}

async function startAuthority(
  open: AsyncDisposableStack,
  directory: string,
  server: keyof typeof zones,
  adminPort: number,
): Promise<void> {
  const list: string[] = [];
  for (const [origin, text] of Object.entries(zones[server])) {
    const file = join(directory, `zone-${origin}`);
    await writeFile(file, text);
    list.push(`${origin}\t${file}\n`);
  }
  const listFile = join(directory, `${server}.list`);
  await writeFile(listFile, list.join(''));
  const started = open.use(
    await startSignpost(['authority', '--zones', listFile, '--dns-listen', `${addressOf[server]}:53`], {
      SIGNPOST_ADMIN_LISTEN: `127.0.0.1:${adminPort}`,
      SIGNPOST_WORKERS: '1',
      SIGNPOST_LAMEDUCK: '0s',
      LOG_LEVEL: 'info',
    }),
  );
  await started.waitForLine(/"listens":\[/, 30_000);
}

/** example.net: what is answered depends on where the client is. */
async function startSteered(open: AsyncDisposableStack, directory: string): Promise<void> {
  const target = open.use(await startTarget());
  target.behave({ kind: 'answer', status: 302, headers: { location: 'https://example.net/ok' } });
  const configFile = join(directory, 'signpost.yaml');
  const text = clusterConfiguration({ eu: target, us: target, ap: target }, ['local']);
  await writeFile(configFile, text.replaceAll('192.0.2.53', addressOf.steered));
  open.use(
    await startSignpost(['start'], {
      SIGNPOST_CONFIG: configFile,
      SIGNPOST_DNS_LISTEN: `${addressOf.steered}:53`,
      SIGNPOST_ADMIN_LISTEN: '127.0.0.1:0',
      SIGNPOST_API_LISTEN: '127.0.0.1:0',
      SIGNPOST_WORKERS: '1',
      SIGNPOST_LAMEDUCK: '0s',
    }),
  );
  const question = { server: addressOf.steered, port: 53, name: 'go.example.net', type: 'A' };
  await eventually(
    () => ask({ ...question, subnet: '8.8.8.0/24' }).catch(() => undefined),
    (answer) => answer?.answers.length === 1,
    { deadlineMs: 30_000, what: 'the steered zone is answered' },
  );
}
