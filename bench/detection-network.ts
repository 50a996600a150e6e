/**
 * A network of the bench's own. Its targets live in a second network namespace, one link away, so that packets to one
 * of them can really be dropped: its address goes, and what is sent to it nobody answers, not even with an error.
 * All addresses are of 127.0.0.0/8, part of which is made routable here (`route_localnet`), in these namespaces alone.
 */
import { readlinkSync, writeFileSync } from 'node:fs';

import { eventually } from '@signpost/testkit/eventually';
import { startGuardedProcess } from '@signpost/testkit/guarded-process';
import { namespaceCommands, runIp } from '@signpost/testkit/network-namespace';
import { findOnPath } from '@signpost/testkit/server-source';

export interface TargetNetwork {
  /** Goes before the command of a process that is to run where the targets are. */
  readonly enter: readonly string[];
  /** Undefined where targets share our own loopback. */
  drop(address: string): void;
  restore(address: string): void;
}

const INSIDE = 'SIGNPOST_BENCH_IN_NAMESPACE';

/**
 * Begins this process anew in a namespace of its own, and does not come back; or, where that is not allowed, says
 * why targets cannot be cut off.
 */
export function enterOwnNamespace(): string | undefined {
  if (process.env[INSIDE] === '1') return undefined;
  const commands = namespaceCommands();
  const file = findOnPath('unshare', process.env);
  if (commands === undefined || file === undefined || process.execve === undefined) {
    return 'packets cannot be dropped here: it takes Linux with util-linux, iproute2 and root or user namespaces';
  }
  const args = [...commands.create, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  return process.execve(file, args, { ...process.env, [INSIDE]: '1' });
}

export async function startTargetNetwork(
  addresses: readonly string[],
  open: AsyncDisposableStack,
): Promise<TargetNetwork | undefined> {
  const commands = namespaceCommands();
  if (process.env[INSIDE] !== '1' || commands === undefined) return undefined;
  const [create, ...args] = [...commands.create, 'cat'];
  const home = await startGuardedProcess(create, args); // the namespace lives as long as this
  open.defer(async () => void (await home.stop()));
  await eventually(() => readlinkSync(`/proc/${home.pid}/ns/net`) !== readlinkSync('/proc/self/ns/net'));
  const enter = commands.enter(home.pid);

  const routable = '/proc/sys/net/ipv4/conf/all/route_localnet';
  writeFileSync(routable, '1');
  runIp(['link set lo up', `link add targets type veth peer name bench netns ${home.pid}`]);
  const there = await startGuardedProcess(enter[0]!, [
    ...enter.slice(1),
    'sh',
    '-c',
    `echo 1 > ${routable}; exec ip -force -batch -`,
  ]);
  open.defer(async () => void (await there.stop()));
  const say = (line: string): void => there.write(`${line}\n`);
  const at = (address: string): string => `${address}/32 dev lo`;
  for (const line of [
    'link set lo up',
    'addr flush dev lo',
    'link set dev bench up',
    'addr add 127.254.0.2/24 dev bench',
    ...addresses.map((address) => `addr add ${at(address)}`),
  ])
    say(line);
  runIp([
    'addr flush dev lo',
    'addr add 127.0.0.1/16 dev lo',
    'link set dev targets up',
    'addr add 127.254.0.1/24 dev targets',
    'route add 127.1.0.0/16 via 127.254.0.2 src 127.254.0.1',
  ]);
  return {
    enter,
    drop: (address) => say(`addr del ${at(address)}`),
    restore: (address) => say(`addr add ${at(address)}`),
  };
}
