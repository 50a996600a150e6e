/** Starts a peer on the servers' core and waits until it answers. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { encodeQuery } from '@signpost/testkit/dns-client';
import { exchangeUdp } from '@signpost/testkit/dns-exchange';
import { eventually } from '@signpost/testkit/eventually';
import { freePort } from '@signpost/testkit/free-port';
import { startGuardedProcess } from '@signpost/testkit/guarded-process';

import type { Peer } from './peer.ts';
import { pinnedTo, SERVER_CORE } from './pinned.ts';
import { apexOf } from './workload.ts';

export interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

export async function startPeer(peer: Peer, directory: string, database: string): Promise<RunningServer> {
  const home = join(directory, peer.name);
  await mkdir(home);
  const port = await freePort();
  const command = await peer.prepare({ directory: home, port, database });
  const [file, ...args] = [...pinnedTo(SERVER_CORE), ...command];
  const started = await startGuardedProcess(file!, args);
  const query = encodeQuery({ name: `ns1.${apexOf('plain')}`, type: 'A' });
  const address = { server: '127.0.0.1', port, timeoutMs: 500 };
  const isSettled = async () => !started.isRunning || (await exchangeUdp(query, address)).length > 0;
  try {
    await eventually(isSettled, Boolean, { deadlineMs: 60_000, what: `${peer.name} answers` });
    if (!started.isRunning) throw new Error(`it ended: ${started.lines.slice(-10).join(' | ')}`);
  } catch (error) {
    await started.stop();
    throw error;
  }
  return { pid: started.pid, port, [Symbol.asyncDispose]: async () => void (await started.stop()) };
}
