/** Knot with mod-geoip in its mode for places. It weighs too, but not by place: so it answers the plain zone alone. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Peer, zoneFile } from './peer.ts';
import { addressesOf, apexOf, NAMES, ownerOf, REGIONS } from './workload.ts';

export const knot: Peer = {
  name: 'knot',
  packages: {
    knot: '/usr/sbin/knotd',
    'knot-module-geoip': `/usr/lib/${debianArchitecture()}/knot/modules-3.2/geoip.so`,
  },
  kinds: ['plain'],
  steersBy: 'places',
  prepare: async ({ directory, port, database }) => {
    const rest = addressesOf('rest')[0]!;
    await writeFile(join(directory, 'zone'), zoneFile('plain', `A ${rest}`)); // whoever no entry matches
    await writeFile(join(directory, 'places'), places());
    await writeFile(join(directory, 'knot.conf'), configuration(directory, port, database));
    return ['/usr/sbin/knotd', '-c', join(directory, 'knot.conf')];
  },
};

function debianArchitecture(): string {
  return process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
}

function places(): string {
  const entries = REGIONS.filter((region) => region !== 'rest').map(
    (region) => `  - geo: ${region}\n    A: ${addressesOf(region)[0]}\n`,
  );
  const apex = apexOf('plain');
  return Array.from({ length: NAMES }, (_, i) => `${ownerOf(i)}.${apex}:\n${entries.join('')}`).join('');
}

function configuration(directory: string, port: number, database: string): string {
  return `
server:
  listen: 127.0.0.1@${port}
  rundir: "${directory}"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  edns-client-subnet: on
database:
  storage: "${directory}"
log:
  - target: stderr
    any: warning
mod-geoip:
  - id: places
    config-file: "${directory}/places"
    ttl: 60
    mode: geodb
    geodb-file: "${database}"
    geodb-key: "continent/code"
zone:
  - domain: ${apexOf('plain')}
    file: "${directory}/zone"
    zonefile-sync: -1
    journal-content: none
    module: mod-geoip/places
`;
}
