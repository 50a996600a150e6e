/** Where DNS is answered and for whom balancers may speak, and what to tell an operator when that cannot be. */
import { formatListenAddress, type ListenAddress } from '@signpost/config/listen-address';
import type { Prefix } from '@signpost/dns/address';

export type DnsEndpoint = Extract<ListenAddress, { kind: 'port' }>;

/** All that a worker opens. */
export interface Listens {
  /** Over UDP and TCP alike. */
  readonly dns: readonly DnsEndpoint[];
  /** Over TLS. */
  readonly tls: readonly DnsEndpoint[];
  /** Networks of balancers, which put a PROXY header before each datagram and at the begin of each TCP connection. */
  readonly proxyFrom: readonly Prefix[];
}

export type ListeningFor = 'UDP' | 'TCP' | 'TLS';

/** A socket could not be opened; the message says where and what to do. `portTaken` lets a free port be tried again. */
export class ListenError extends Error {
  readonly code = 'SIGNPOST_LISTEN';
  override readonly name = 'ListenError';
  readonly portTaken: boolean;

  constructor(message: string, portTaken: boolean) {
    super(message);
    this.portTaken = portTaken;
  }
}

export function listenFailure(
  error: NodeJS.ErrnoException,
  endpoint: DnsEndpoint,
  transport: ListeningFor,
): ListenError {
  const variable = `SIGNPOST_${transport === 'TLS' ? 'TLS' : 'DNS'}_LISTEN`;
  const where = `cannot listen on ${formatListenAddress(endpoint)} over ${transport} (${variable})`;
  return new ListenError(`${where}: ${remedyFor(error.code) ?? error.message}`, error.code === 'EADDRINUSE');
}

function remedyFor(code: string | undefined): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return 'another program holds the port; stop it or choose another port';
    case 'EACCES':
      return 'ports below 1024 need CAP_NET_BIND_SERVICE or a lower net.ipv4.ip_unprivileged_port_start';
    case 'EADDRNOTAVAIL':
      return 'this host has no such address; use one of its own, or 0.0.0.0 and [::] for all';
    case 'EAFNOSUPPORT':
      return 'this host does not speak that family; leave the address out';
    default:
      return undefined;
  }
}
