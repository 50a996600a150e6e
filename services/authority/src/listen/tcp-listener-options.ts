/** What a listener over TCP or TLS is given. */
import type { Prefix } from '@signpost/dns/address';

import type { Counters } from '../count/counters.ts';
import type { Connections } from './connections.ts';
import type { DnsEndpoint } from './endpoint.ts';
import type { Responder } from './responder.ts';
import type { TcpLimits } from './tcp-limits.ts';

export interface TcpListenerOptions {
  readonly endpoint: DnsEndpoint;
  readonly responder: Responder;
  readonly counters: Counters;
  /** All of the worker, which its listeners share. */
  readonly connections: Connections;
  readonly limits: TcpLimits;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  /** Networks whose connections begin with a PROXY header; over TLS there are none. */
  readonly proxyFrom: readonly Prefix[];
}
