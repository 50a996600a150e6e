/** gdnsd: geoip -> multifo for the plain zone, geoip -> weighted for the other. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Peer, zoneFile } from './peer.ts';
import { addressesOf, apexOf, KINDS, REGIONS, WEIGHTS } from './workload.ts';

export const gdnsd: Peer = {
  name: 'gdnsd',
  packages: { gdnsd: '/usr/sbin/gdnsd' },
  kinds: KINDS,
  steersBy: 'places',
  prepare: async ({ directory, port, database }) => {
    await mkdir(join(directory, 'zones'), { recursive: true });
    for (const kind of KINDS) {
      await writeFile(join(directory, 'zones', apexOf(kind)), zoneFile(kind, `DYNA geoip!${kind}`));
    }
    await writeFile(join(directory, 'config'), configuration(directory, port, database));
    return ['/usr/sbin/gdnsd', '-c', directory, 'start'];
  },
};

function configuration(directory: string, port: number, database: string): string {
  const regions = REGIONS.map((region) => region.toLowerCase());
  const order = (first: string) => [first, ...regions.filter((region) => region !== first)].join(', ');
  const continents = REGIONS.filter((region) => region !== 'rest');
  const plain = REGIONS.map((region) => `${region.toLowerCase()} => ${addressesOf(region)[0]}`);
  const weighted = REGIONS.map((region) => {
    const addresses = addressesOf(region).map((address, i) => `a${i} => [ ${address}, ${WEIGHTS[i]} ]`);
    return `${region.toLowerCase()} => { plugin => weighted, ${addresses.join(', ')} }`;
  });
  return `
options => {
  listen => [ 127.0.0.1:${port} ], udp_threads => 1, tcp_threads => 1, udp_rcvbuf => 1048576
  run_dir => ${directory}/run, state_dir => ${directory}/state
}
plugins => {
  weighted => { service_types => up }
  multifo => { service_types => up }
  geoip => {
    maps => { m => {
      geoip2_db => ${database}
      datacenters => [ ${order('rest')} ]
      map => { ${continents.map((code) => `${code} => [ ${order(code.toLowerCase())} ]`).join(', ')} }
    } }
    resources => {
      plain => { map => m, service_types => up, dcmap => { ${plain.join(', ')} } }
      weighted => { map => m, service_types => up, dcmap => { ${weighted.join(', ')} } }
    }
  }
}
`;
}
