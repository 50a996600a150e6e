/**
 * Flags of the services: each is the twin of an environment variable, and wins over it. Secrets have no flag,
 * since a command line is visible to everybody on the host; they come by variable or by its `_FILE` twin.
 */

export type ServiceName = 'start' | 'authority' | 'controller' | 'prober';

export interface ServiceOption {
  /** `--dns-listen` */
  readonly flag: string;
  readonly variable: string;
  readonly description: string;
  readonly services: readonly ServiceName[];
}

const OPTIONS: readonly ServiceOption[] = [
  option('nats-url', 'NATS servers, separated by commas', ['authority', 'controller', 'prober']),
  option('nats-user', 'user at NATS', ['authority', 'controller', 'prober']),
  option('nats-ca', 'PEM file of the authorities to trust at NATS', ['authority', 'controller', 'prober']),
  option('redis-url', 'Redis, redis:// or rediss://', ['authority', 'controller']),
  option('redis-user', 'user at Redis', ['authority', 'controller']),
  option('redis-ca', 'PEM file of the authorities to trust at Redis', ['authority', 'controller']),
  option('config', 'configuration file', ['start', 'controller']),
  option('dns-listen', 'addresses to answer on, separated by commas', ['start', 'authority']),
  option('udp', 'how UDP is received and sent: auto, batched or dgram', ['start', 'authority']),
  option('tls-listen', 'addresses to answer on over TLS, separated by commas', ['start', 'authority']),
  option('tls-cert', 'PEM file of the certificate chain for TLS', ['start', 'authority']),
  option('tls-key', "PEM file of the certificate's key", ['start', 'authority']),
  option('proxy-from', 'networks whose PROXY headers are believed, separated by commas', [
    'start',
    'authority',
  ]),
  option('zone', 'zone file to serve, ORIGIN=FILE, instead of Redis; may be repeated', ['authority']),
  option('zones', 'file of lines ORIGIN<TAB>FILE, zone files to serve instead of Redis', ['authority']),
  option('workers', 'threads that answer', ['start', 'authority']),
  option('nsid', 'what tells this server from others of its address', ['start', 'authority']),
  option('id-server', 'what id.server and hostname.bind tell in class CH', ['start', 'authority']),
  option('version-server', 'what version.server and version.bind tell in class CH', ['start', 'authority']),
  option('rate-limit', 'like responses per second to a client network; 0 is off', ['start', 'authority']),
  option('rate-limit-window', 'how long a flood is remembered', ['start', 'authority']),
  option('rate-limit-slip', 'one withheld response of so many is sent truncated', ['start', 'authority']),
  option('rate-limit-exempt', 'networks that are not limited, separated by commas', ['start', 'authority']),
  option('answer-samples', 'answers sampled per second; 0 is off', ['start', 'authority']),
  option('node', 'name of this authority', ['start', 'authority']),
  option('lameduck', 'how long to answer on after SIGTERM', ['start', 'authority']),
  option('geo-db', 'MaxMind database of countries or cities', ['start', 'authority', 'controller']),
  option('asn-db', 'MaxMind database of autonomous systems', ['start', 'authority', 'controller']),
  option('resolvers', 'resolvers for host names of aliases and targets, separated by commas', [
    'start',
    'controller',
  ]),
  option('api-listen', 'address of the HTTP API', ['start', 'controller']),
  option('beacon-listen', 'address browsers send round trips to', ['start', 'controller']),
  option('beacon-origins', 'origins of the pages that may, separated by commas', ['start', 'controller']),
  option('beacon-trusted-proxies', 'networks whose X-Forwarded-For is believed there, separated by commas', [
    'start',
    'controller',
  ]),
  option('vantage', 'the vantage this prober belongs to', ['prober']),
  option('prober', 'stable id of this prober', ['prober']),
  option('probe-concurrency', 'probes at once, at most', ['prober']),
  option('probe-concurrency-per-host', 'of these to one host, at most', ['prober']),
  option('admin-listen', 'address of /livez, /readyz and /metrics', [
    'start',
    'authority',
    'controller',
    'prober',
  ]),
];

export function serviceOptions(service: ServiceName): readonly ServiceOption[] {
  return OPTIONS.filter((candidate) => candidate.services.includes(service));
}

/** The environment with the flags that were given in place of their variables. */
export function mergeFlags(
  env: NodeJS.ProcessEnv,
  service: ServiceName,
  flags: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  const merged = { ...env };
  for (const { flag, variable } of serviceOptions(service)) {
    const value = flags[camelCase(flag.slice(2))];
    if (value !== undefined) merged[variable] = value;
  }
  return merged;
}

function option(name: string, description: string, services: readonly ServiceName[]): ServiceOption {
  const variable = `SIGNPOST_${name.replaceAll('-', '_').toUpperCase()}`;
  return { flag: `--${name}`, variable, description, services };
}

function camelCase(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
