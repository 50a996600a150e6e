/** PowerDNS with its geoip backend, one thread for each of its tasks, caches as they come. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { CONTINENTS } from '@signpost/contracts/countries';

import type { Peer } from './peer.ts';
import { addressesOf, apexOf, type Kind, KINDS, NAMES, ownerOf, regionOf, TTL, WEIGHTS } from './workload.ts';

export const powerdns: Peer = {
  name: 'powerdns',
  packages: {
    'pdns-server': '/usr/sbin/pdns_server',
    'pdns-backend-geoip': '/usr/share/doc/pdns-backend-geoip',
  },
  kinds: KINDS,
  steersBy: 'places',
  prepare: async ({ directory, port, database }) => {
    await writeFile(join(directory, 'zones.yaml'), `domains:\n${KINDS.map(domain).join('')}`);
    await writeFile(join(directory, 'pdns.conf'), configuration(directory, port, database));
    return ['/usr/sbin/pdns_server', `--config-dir=${directory}`, '--daemon=no', '--guardian=no'];
  },
};

function domain(kind: Kind): string {
  const apex = apexOf(kind);
  const names = Array.from({ length: NAMES }, (_, i) => `    ${ownerOf(i)}.${apex}: '%cn.places.${apex}'\n`);
  return `- domain: ${apex}
  ttl: ${TTL}
  records:
    ${apex}:
      - soa: ns1.${apex} dns.${apex} 1 3600 600 1209600 30
      - ns: ns1.${apex}
    ns1.${apex}:
      - a: 192.0.2.53
${[...CONTINENTS.map((code) => code.toLowerCase()), 'unknown'].map((code) => place(kind, code)).join('')}  services:
${names.join('')}`;
}

function place(kind: Kind, code: string): string {
  const addresses = addressesOf(regionOf(code.toUpperCase()));
  const records =
    kind === 'plain'
      ? [`a: ${addresses[0]}`]
      : addresses.map((address, i) => `a: { content: ${address}, weight: ${WEIGHTS[i]} }`);
  return `    ${code}.places.${apexOf(kind)}:\n${records.map((record) => `      - ${record}\n`).join('')}`;
}

function configuration(directory: string, port: number, database: string): string {
  return `
launch=geoip
geoip-zones-file=${directory}/zones.yaml
geoip-database-files=mmdb:${database}
edns-subnet-processing=yes
receiver-threads=1
distributor-threads=1
local-address=127.0.0.1
local-port=${port}
socket-dir=${directory}
disable-syslog=yes
loglevel=3
zone-cache-refresh-interval=0
`;
}
