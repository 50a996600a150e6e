/**
 * The name servers that ours is compared with, as Debian has them, and ours: each serves the same zone files from a
 * folder and a port of its own. It must not know what is compared.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { exchangeUdp } from '@signpost/testkit/dns-exchange';
import { encodeQuery } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';
import { findDebianTool } from '@signpost/testkit/find-debian-tool';
import { freePort } from '@signpost/testkit/free-port';
import { type GuardedProcess, startGuardedProcess } from '@signpost/testkit/guarded-process';
import { repositoryRoot } from '@signpost/testkit/start-process';

export interface ServedFile {
  /** With the final dot. */
  readonly origin: string;
  readonly file: string;
}

export interface NameServer extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  readonly isRunning: () => boolean;
}

export const SERVERS = ['signpost', 'nsd', 'knot', 'bind'] as const;
export type ServerName = (typeof SERVERS)[number];

/** Undefined: it is not here and cannot be installed. `env` is for ours. */
export async function startNameServer(
  name: ServerName,
  directory: string,
  zones: readonly ServedFile[],
  env: Readonly<Record<string, string>> = {},
): Promise<NameServer | undefined> {
  const program = await programOf(name);
  if (program === undefined) return undefined;
  const home = join(directory, name);
  await mkdir(home, { recursive: true });
  const port = await freePort();
  const started = await launch(name, program, home, port, zones, env);
  const answers = () => isAnswering(started, port);
  await eventually(answers, Boolean, { deadlineMs: 120_000, what: `${name} answers` });
  const { pid } = started;
  const isRunning = () => started.isRunning;
  return { name, port, pid, isRunning, [Symbol.asyncDispose]: async () => void (await started.stop()) };
}

async function programOf(name: ServerName): Promise<string | undefined> {
  switch (name) {
    case 'signpost':
      return process.execPath;
    case 'nsd':
      return findDebianTool('nsd', 'nsd');
    case 'knot':
      return findDebianTool('knotd', 'knot');
    case 'bind':
      return findDebianTool('named', 'bind9');
    default:
      throw new TypeError(`unhandled server ${String(name satisfies never)}`);
  }
}

/** A zone that is no good is refused, all the others are there once there is any answer. */
async function isAnswering({ isRunning }: GuardedProcess, port: number): Promise<boolean> {
  const query = encodeQuery({ name: 'ready.invalid', type: 'SOA' });
  const address = { server: '127.0.0.1', port, timeoutMs: 500 };
  return isRunning && (await exchangeUdp(query, address).then(Boolean, () => false));
}

async function launch(
  name: ServerName,
  program: string,
  home: string,
  port: number,
  zones: readonly ServedFile[],
  env: Readonly<Record<string, string>>,
): Promise<GuardedProcess> {
  const file = join(home, 'config');
  await writeFile(file, configOf(name, home, port, zones));
  switch (name) {
    case 'signpost': {
      const bin = join(repositoryRoot, 'cli/bin/signpost.js');
      const args = [bin, 'authority', '--dns-listen', `127.0.0.1:${port}`, '--zones', file, '--workers', '1'];
      const options = ['--admin-listen', '127.0.0.1:0', '--lameduck', '0s'];
      return startGuardedProcess(program, [...args, ...options], {
        env: { PATH: process.env['PATH'], ...env },
      });
    }
    case 'nsd':
      return startGuardedProcess(program, ['-d', '-c', file], {});
    case 'knot':
      return startGuardedProcess(program, ['-c', file], {});
    case 'bind':
      return startGuardedProcess(program, ['-g', '-c', file, '-n', '1'], {});
    default:
      throw new TypeError(`unhandled server ${String(name satisfies never)}`);
  }
}

function configOf(name: ServerName, home: string, port: number, zones: readonly ServedFile[]): string {
  switch (name) {
    case 'signpost':
      return zones.map(({ origin, file }) => `${origin}\t${file}\n`).join('');
    case 'nsd':
      return [
        `server:\n  ip-address: 127.0.0.1@${port}\n  username: ""\n  zonesdir: "${home}"\n  database: ""`,
        `  pidfile: "${home}/pid"\n  xfrdfile: "${home}/xfrd"\n  zonelistfile: "${home}/zonelist"\n  xfrdir: "${home}"`,
        `  server-count: 1\n  minimal-responses: yes\n  rrl-ratelimit: 0\nremote-control:\n  control-enable: no`,
        ...zones.map(({ origin, file }) => `zone:\n  name: "${origin}"\n  zonefile: "${file}"`),
      ].join('\n');
    case 'knot':
      return [
        `server:\n  listen: 127.0.0.1@${port}\n  rundir: "${home}"\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 2`,
        `database:\n  storage: "${home}"\nlog:\n  - target: stderr\n    any: warning`,
        `template:\n  - id: default\n    storage: "${home}"\n    zonefile-sync: -1\n    journal-content: none\n    semantic-checks: off\nzone:`,
        ...zones.map(({ origin, file }) => `  - domain: "${origin}"\n    file: "${file}"`),
      ].join('\n');
    case 'bind':
      return [
        `options { directory "${home}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; pid-file "${home}/pid";`,
        '  recursion no; minimal-responses yes; dnssec-validation no; allow-transfer { none; }; notify no; check-names primary ignore;',
        `  session-keyfile "${home}/session.key"; managed-keys-directory "${home}"; check-integrity no; zone-statistics none; zero-no-soa-ttl no; };`,
        'controls { };',
        ...zones.map(({ origin, file }) => `zone "${origin}" { type primary; file "${file}"; };`),
      ].join('\n');
    default:
      throw new TypeError(`unhandled server ${String(name satisfies never)}`);
  }
}
