/** Which peers can run here, after Debian's packages of those that are missing were installed where that is allowed. */
import { existsSync } from 'node:fs';

import { installDebianPackages, mayInstallDebianPackages } from '@signpost/testkit/install-debian-packages';

import type { Peer } from './peer.ts';

/** `tell` gets a line for each peer that is left out. Never throws. */
export async function installPeers(
  peers: readonly Peer[],
  tell: (line: string) => void,
): Promise<readonly Peer[]> {
  const here: Peer[] = [];
  for (const peer of peers) {
    try {
      await install(peer);
      here.push(peer);
    } catch (error) {
      tell(
        `${peer.name} is left out: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
      );
    }
  }
  return here;
}

async function install({ packages }: Peer): Promise<void> {
  const missing = () => Object.keys(packages).filter((name) => !existsSync(packages[name]!));
  if (missing().length > 0 && mayInstallDebianPackages()) {
    await installDebianPackages(missing(), () => missing().length === 0);
  }
  if (missing().length > 0) throw new Error(`install ${missing().join(' and ')}`);
}
