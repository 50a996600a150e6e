/** The health check of a dynamic record as a monitor: what octoDNS asks for by default too, https://ADDRESS/_dns. */
import type { ConfigurationInput } from '@signpost/contracts/configuration';
import { formatName, parseName } from '@signpost/dns/name-text';

import type { OctodnsEntry, OctodnsZone } from './octodns-entry.ts';
import type { OctodnsHealthcheck } from './record-shape.ts';

type MonitorInput = NonNullable<ConfigurationInput['monitors']>[string];

const DEFAULT_PORT = 443;

/** Undefined: it cannot be checked here, which is remarked, and all values count as up. */
export function monitorOf(
  entry: OctodnsEntry,
  base: string,
  { draft, nouns, remarks }: OctodnsZone,
): string | undefined {
  const check = entry.record.octodns?.healthcheck ?? {};
  const at = (...below: string[]) => entry.placeOf('octodns', 'healthcheck', ...below);
  if (check.protocol === 'UDP') {
    remarks.lost(at('protocol'), 'no monitor sends UDP; values count as up', check);
    return undefined;
  }
  const owner = entry.owner === '@' ? draft.apex : `${entry.owner}.${draft.apex}`;
  for (const key of unusedKeys(check)) remarks.lost(at(key), `${check.protocol} has no ${key}`);
  if (check.host === null) remarks.changed(at('host'), `no host; probes ask for ${owner}`);
  return nouns.add('monitors', base, monitor(check, formatName(parseName(owner))));
}

function monitor(
  { protocol = 'HTTPS', host, path = '/_dns', port = DEFAULT_PORT }: OctodnsHealthcheck,
  owner: string,
): MonitorInput {
  if (protocol === 'ICMP') return { type: 'icmp' };
  if (protocol === 'TCP') return { type: 'tcp', port };
  const scheme = protocol === 'HTTPS' ? 'https' : 'http';
  const isUsual = port === (scheme === 'https' ? 443 : 80);
  return {
    type: 'http',
    url: {
      scheme,
      host: host || owner,
      ...(!isUsual && { port }),
      path: path.startsWith('/') ? path : `/${path}`,
    },
    // Providers of octoDNS look at the status, not at the certificate.
    ...(scheme === 'https' && { expect: { certificate: { verify: false } } }),
  };
}

function unusedKeys({ protocol, host, path, port }: OctodnsHealthcheck): string[] {
  const used = { HTTP: 3, HTTPS: 3, TCP: 1, UDP: 1, ICMP: 0 }[protocol ?? 'HTTPS'];
  return [
    ...(used < 3 && host !== undefined ? ['host'] : []),
    ...(used < 3 && path !== undefined ? ['path'] : []),
    ...(used < 1 && port !== undefined ? ['port'] : []),
  ];
}
