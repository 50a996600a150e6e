/** A health check of an endpoint as a monitor, with the times and what Route 53 counts as healthy. */
import type { ConfigurationInput } from '@signpost/contracts/configuration';
import { parseIpv6 } from '@signpost/dns/address';

import type { HealthCheckListing } from './listing-shapes.ts';

export type MonitorInput = NonNullable<ConfigurationInput['monitors']>[string];
type Config = HealthCheckListing['HealthCheckConfig'];

const DEFAULT_INTERVAL = 30;
const DEFAULT_THRESHOLD = 3;

/** Undefined: it lacks what to ask. */
export function monitorOfCheck(config: Config): MonitorInput | undefined {
  const { Type, RequestInterval = DEFAULT_INTERVAL, FailureThreshold = DEFAULT_THRESHOLD } = config;
  const matches = Type.endsWith('_STR_MATCH');
  const judged = { rise: FailureThreshold, fall: FailureThreshold };
  if (Type === 'TCP') {
    if (config.Port === undefined) return undefined;
    // Route 53 gives TCP ten seconds; a probe ends before the next begins.
    const timeout = Math.min(10, RequestInterval - 1);
    return {
      type: 'tcp',
      port: config.Port,
      interval: `${RequestInterval}s`,
      timeout: `${timeout}s`,
      ...judged,
    };
  }
  const host = hostOf(config);
  if (host === undefined) return undefined;
  const scheme = Type.startsWith('HTTPS') ? 'https' : 'http';
  const usual = scheme === 'https' ? 443 : 80;
  const { Port: port = usual, ResourcePath = '/', SearchString } = config;
  return {
    type: 'http',
    url: {
      scheme,
      host,
      ...(port !== usual && { port }),
      ...(ResourcePath !== '/' && ResourcePath !== '' && { path: withSlash(ResourcePath) }),
    },
    expect: {
      status: ['2xx', '3xx'],
      ...(matches && SearchString !== undefined && { contains: SearchString }),
      // Route 53 does not look at the certificate.
      ...(scheme === 'https' && { certificate: { verify: false } }),
    },
    interval: `${RequestInterval}s`,
    // Four seconds to connect, two to answer, two more for a body.
    timeout: `${Math.min(matches ? 8 : 6, RequestInterval - 1)}s`,
    ...judged,
  };
}

/** Where it connects to: an address, or a host that is resolved each time. */
export function endpointOf({ IPAddress, FullyQualifiedDomainName }: Config): string | undefined {
  return IPAddress ?? FullyQualifiedDomainName;
}

function hostOf({ IPAddress, FullyQualifiedDomainName }: Config): string | undefined {
  if (FullyQualifiedDomainName !== undefined) return FullyQualifiedDomainName;
  return IPAddress !== undefined && parseIpv6(IPAddress) !== undefined ? `[${IPAddress}]` : IPAddress;
}

function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
