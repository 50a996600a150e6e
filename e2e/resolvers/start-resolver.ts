/**
 * The four resolvers that Debian has, each told to be as hard on name servers as it can: strict query minimisation,
 * random letter case, one EDNS size, TCP alone. They know the root of the test's world and nothing else, and they do
 * not validate. It must not know what is asked of them.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { encodeQuery } from '@signpost/testkit/dns-client';
import { exchangeUdp } from '@signpost/testkit/dns-exchange';
import { eventually } from '@signpost/testkit/eventually';
import { freePort } from '@signpost/testkit/free-port';
import { startGuardedProcess } from '@signpost/testkit/guarded-process';

import { addressOf, type HardWorld } from './hard-world.ts';

/** Binary -> Debian package. */
export const RESOLVERS = {
  unbound: 'unbound',
  named: 'bind9',
  pdns_recursor: 'pdns-recursor',
  kresd: 'knot-resolver',
} as const;
export type ResolverName = keyof typeof RESOLVERS;

export interface ResolverSettings {
  /** The UDP size that it offers to name servers. */
  readonly ednsSize: number;
  readonly tcpOnly: boolean;
}

/** BIND listens on addresses of an interface alone, which of all 127.0.0.0/8 this is. */
const LISTEN = '127.0.0.1';

export interface Resolver extends AsyncDisposable {
  readonly server: string;
  readonly port: number;
}

/** pdns-recursor cannot be told to use TCP alone. */
export function canUseTcpOnly(name: ResolverName): boolean {
  return name !== 'pdns_recursor';
}

/** These pass on the client's subnet (RFC 7871). */
export function sendsSubnet(name: ResolverName): boolean {
  return name === 'unbound' || name === 'pdns_recursor';
}

export async function startResolver(
  name: ResolverName,
  program: string,
  world: HardWorld,
  settings: ResolverSettings,
): Promise<Resolver> {
  const home = join(world.directory, `${name}-${settings.ednsSize}-${settings.tcpOnly ? 'tcp' : 'udp'}`);
  await mkdir(home, { recursive: true });
  const server = LISTEN;
  const port = await freePort(server);
  const config = { home, port, hintsFile: world.hintsFile, ...settings };
  const file = join(home, name === 'pdns_recursor' ? 'recursor.conf' : 'config');
  await writeFile(file, configOf(name, config));
  const started = await startGuardedProcess(program, argumentsOf(name, home, file), { cwd: home });
  const query = encodeQuery({ name: 'plain.hard.lab', type: 'A' });
  const answers = () => exchangeUdp(query, { server, port, timeoutMs: 1_000 }).then(Boolean, () => false);
  try {
    await eventually(async () => !started.isRunning || (await answers()), Boolean, {
      deadlineMs: 20_000,
      what: `${name} answers`,
    });
    if (!started.isRunning) throw new Error(`${name} ended`);
  } catch (error) {
    await started.stop();
    throw new Error(`${name} does not answer:\n${started.lines.slice(-20).join('\n')}`, { cause: error });
  }
  return { server, port, [Symbol.asyncDispose]: async () => void (await started.stop()) };
}

function argumentsOf(name: ResolverName, home: string, file: string): string[] {
  switch (name) {
    case 'unbound':
      return ['-d', '-p', '-c', file];
    case 'named':
      return ['-g', '-4', '-n', '1', '-c', file];
    case 'pdns_recursor':
      return [`--config-dir=${home}`];
    case 'kresd':
      return ['-n', '-c', file, home];
    default:
      throw new TypeError(`unhandled resolver ${String(name satisfies never)}`);
  }
}

interface Config extends ResolverSettings {
  readonly home: string;
  readonly port: number;
  readonly hintsFile: string;
}

function configOf(name: ResolverName, config: Config): string {
  switch (name) {
    case 'unbound':
      return unboundConfig(config);
    case 'named':
      return namedConfig(config);
    case 'pdns_recursor':
      return recursorConfig(config);
    case 'kresd':
      return kresdConfig(config);
    default:
      throw new TypeError(`unhandled resolver ${String(name satisfies never)}`);
  }
}

function unboundConfig({ home, port, hintsFile, ednsSize, tcpOnly }: Config): string {
  return `server:
  interface: ${LISTEN}
  port: ${port}
  access-control: 127.0.0.0/8 allow
  username: ""
  chroot: ""
  directory: "${home}"
  pidfile: ""
  use-syslog: no
  do-ip6: no
  do-not-query-localhost: no
  root-hints: "${hintsFile}"
  module-config: "subnetcache iterator"
  send-client-subnet: ${addressOf.steered}
  qname-minimisation: yes
  qname-minimisation-strict: yes
  use-caps-for-id: yes
  edns-buffer-size: ${ednsSize}
  tcp-upstream: ${tcpOnly ? 'yes' : 'no'}
remote-control:
  control-enable: no
`;
}

function namedConfig({ home, port, hintsFile, ednsSize, tcpOnly }: Config): string {
  return `options {
  directory "${home}"; pid-file none; session-keyfile none; managed-keys-directory "${home}";
  listen-on port ${port} { ${LISTEN}; }; listen-on-v6 { none; };
  recursion yes; allow-query { any; }; dnssec-validation no; empty-zones-enable no; max-cache-size 32m;
  qname-minimization strict; edns-udp-size ${ednsSize};
};
server 0.0.0.0/0 { tcp-only ${tcpOnly ? 'yes' : 'no'}; };
zone "." { type hint; file "${hintsFile}"; };
controls { };
`;
}

function recursorConfig({ home, port, hintsFile, ednsSize }: Config): string {
  return `local-address=${LISTEN}
local-port=${port}
allow-from=127.0.0.0/8
hint-file=${hintsFile}
socket-dir=${home}
daemon=no
write-pid=no
threads=1
pdns-distributes-queries=no
dnssec=off
dont-query=
qname-minimization=yes
edns-outgoing-bufsize=${ednsSize}
edns-subnet-allow-list=0.0.0.0/0
use-incoming-edns-subnet=yes
security-poll-suffix=
`;
}

/** Minimisation and random case are on unless switched off. */
function kresdConfig({ port, ednsSize, tcpOnly }: Config): string {
  return `net.listen('${LISTEN}', ${port}, { kind = 'dns' })
net.ipv6 = false
net.bufsize(4096, ${ednsSize})
cache.size = 10 * MB
trust_anchors.remove('.')
modules.unload('ta_update')
modules.unload('ta_signal_query')
modules.unload('priming')
modules.unload('detect_time_skew')
modules.load('hints')
hints.root({ ['a.root.'] = '${addressOf.root}' })
policy.add(policy.all(policy.FLAGS({ 'ALLOW_LOCAL'${tcpOnly ? ", 'TCP'" : ''} })))
`;
}
