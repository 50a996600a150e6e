/** All servers of a run, started; those that cannot be installed are told and left out. */
import { availableParallelism } from 'node:os';

import { echo } from './echo.ts';
import { publicationsOfWorkload } from './equivalent-configuration.ts';
import { gdnsd } from './gdnsd.ts';
import { installPeers } from './install-peers.ts';
import { knot } from './knot.ts';
import { nsd } from './nsd.ts';
import type { ServerName } from './options.ts';
import type { Peer } from './peer.ts';
import { pinnedTo, SERVER_CORE } from './pinned.ts';
import { powerdns } from './powerdns.ts';
import type { PreparedWorkload } from './prepare-workload.ts';
import { startAuthority } from './start-authority.ts';
import { type RunningServer, startPeer } from './start-peer.ts';
import { startStore } from './start-store.ts';
import { type Kind, KINDS } from './workload.ts';

export interface Contestant {
  readonly name: ServerName;
  readonly kinds: readonly Kind[];
  readonly steersBy: Peer['steersBy'];
  readonly server: RunningServer;
}

const PEERS: readonly Peer[] = [gdnsd, knot, powerdns, nsd, echo];
/** Two workers get a core each where there is one left. */
const CORES_OF_TWO_WORKERS = availableParallelism() > 2 ? `${SERVER_CORE},2` : String(SERVER_CORE);

/** They end with `open`. */
export async function startContestants(
  only: ReadonlySet<ServerName>,
  directory: string,
  workload: PreparedWorkload,
  open: AsyncDisposableStack,
  tell: (line: string) => void,
): Promise<readonly Contestant[]> {
  const started: Contestant[] = [];
  const core = String(SERVER_CORE);
  if (only.has('ours')) started.push(await startOurs('ours', { workers: 1, cores: core }, open));
  if (only.has('ours-2')) {
    started.push(await startOurs('ours-2', { workers: 2, cores: CORES_OF_TWO_WORKERS }, open));
  }
  if (only.has('ours-dgram')) {
    started.push(await startOurs('ours-dgram', { workers: 1, cores: core, udp: 'dgram' }, open));
  }
  const wanted = PEERS.filter(({ name }) => only.has(name));
  for (const peer of await installPeers(wanted, tell)) {
    try {
      const server = open.use(await startPeer(peer, directory, workload.database));
      started.push({ ...peer, server });
    } catch (error) {
      tell(
        `${peer.name} is left out, it does not start: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return started;
}

async function startOurs(
  name: 'ours' | 'ours-2' | 'ours-dgram',
  { workers, cores, udp }: { workers: number; cores: string; udp?: 'dgram' },
  open: AsyncDisposableStack,
): Promise<Contestant> {
  const { url } = open.use(await startStore(publicationsOfWorkload(Date.now())));
  const server = open.use(
    await startAuthority({ url, workers, enter: pinnedTo(cores), ...(udp && { udp }) }),
  );
  return { name, kinds: name === 'ours' ? KINDS : ['plain'], steersBy: 'places', server };
}
