/** NSD without any steering: what a fast server needs for answers that are the same for all. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Peer, zoneFile } from './peer.ts';
import { addressesOf, apexOf } from './workload.ts';

export const nsd: Peer = {
  name: 'nsd',
  packages: { nsd: '/usr/sbin/nsd' },
  kinds: ['plain'],
  steersBy: 'nobody',
  prepare: async ({ directory, port }) => {
    await writeFile(join(directory, 'zone'), zoneFile('plain', `A ${addressesOf('rest')[0]}`));
    await writeFile(join(directory, 'nsd.conf'), configuration(directory, port));
    return ['/usr/sbin/nsd', '-d', '-c', join(directory, 'nsd.conf')];
  },
};

function configuration(directory: string, port: number): string {
  return `
server:
  ip-address: 127.0.0.1@${port}
  username: ""
  zonesdir: "${directory}"
  database: ""
  pidfile: "${directory}/pid"
  xfrdfile: "${directory}/xfrd"
  zonelistfile: "${directory}/zonelist"
  xfrdir: "${directory}"
  server-count: 1
  minimal-responses: yes
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: ${apexOf('plain')}
  zonefile: zone
`;
}
