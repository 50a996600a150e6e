/**
 * Queries over UDP: one socket of one worker on one address, which shares the port with the other workers. On a
 * wildcard address responses leave from the address that was asked where the layer can tell, else from one that the
 * kernel chooses. It knows PROXY headers, octets and addresses, not DNS.
 */
import type { UdpAnswer, UdpLayer } from '@signpost/contracts/udp-layer';
import { type Prefix, prefixHolds } from '@signpost/dns/address';

import type { Counters } from '../count/counters.ts';
import { Transport } from '../serve/transport.ts';
import { type DnsEndpoint, listenFailure } from './endpoint.ts';
import { ProxyHeader } from './proxy-header.ts';
import type { Responder } from './responder.ts';

/** A burst waits here while the worker collects garbage; the kernel gives what `net.core.rmem_max` allows. */
const RECEIVE_BUFFER_OCTETS = 4 * 1024 * 1024;

export interface UdpListenerOptions {
  readonly endpoint: DnsEndpoint;
  readonly layer: UdpLayer;
  readonly responder: Responder;
  readonly counters: Counters;
  /** Networks whose datagrams begin with a PROXY header. */
  readonly proxyFrom: readonly Prefix[];
}

export async function openUdpListener(options: UdpListenerOptions): Promise<AsyncDisposable> {
  const { endpoint, layer, counters } = options;
  const { family, host, port } = endpoint;
  try {
    return await layer.open({
      family,
      host,
      port,
      receiveBufferOctets: RECEIVE_BUFFER_OCTETS,
      onBatch: () => options.responder.readClock(),
      answer: options.proxyFrom.length === 0 ? direct(options) : proxied(options),
      onDrop: (reason) => counters.drop(reason),
    });
  } catch (error) {
    throw listenFailure(error as NodeJS.ErrnoException, endpoint, 'UDP');
  }
}

function direct({ responder }: UdpListenerOptions): UdpAnswer {
  return (packet, length, source) => responder.respond(packet, length, source, Transport.udp, packet);
}

/** Before the datagrams of balancers stands who asked them. */
function proxied({ responder, counters, proxyFrom }: UdpListenerOptions): UdpAnswer {
  const header = new ProxyHeader();
  return (packet, length, source) => {
    if (!isAmong(proxyFrom, source)) return responder.respond(packet, length, source, Transport.udp, packet);
    const datagram = packet.subarray(0, length);
    const headerLength = header.parse(datagram);
    if (headerLength <= 0) {
      counters.drop('proxy_malformed');
      return 0;
    }
    packet.copyWithin(0, headerLength, length);
    const client = header.client ?? source;
    return responder.respond(packet, length - headerLength, client, Transport.udp, packet);
  };
}

function isAmong(prefixes: readonly Prefix[], address: Uint8Array): boolean {
  for (let i = 0; i < prefixes.length; i += 1) if (prefixHolds(prefixes[i]!, address)) return true;
  return false;
}
