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
  if (only.has('ours')) started.push(await startOurs('ours', 1, String(SERVER_CORE), open));
  if (only.has('ours-2')) started.push(await startOurs('ours-2', 2, CORES_OF_TWO_WORKERS, open));
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
  name: 'ours' | 'ours-2',
  workers: number,
  cores: string,
  open: AsyncDisposableStack,
): Promise<Contestant> {
  const { url } = open.use(await startStore(publicationsOfWorkload(Date.now())));
  const server = open.use(await startAuthority({ url, workers, enter: pinnedTo(cores) }));
  return { name, kinds: workers === 1 ? KINDS : ['plain'], steersBy: 'places', server };
}
