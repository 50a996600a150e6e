/**
 * A small name server over UDP for what a test looks up: addresses of hosts that the test changes as it likes. Written
 * with dns-packet, which shares no code with our own codec.
 */
import { createSocket } from 'node:dgram';

import dnsPacket from 'dns-packet';

/** What is not in it is NXDOMAIN; `rcode`: an error instead. Kept and read at each query. */
export type NameServerHosts = Record<
  string,
  { readonly a?: readonly string[]; readonly aaaa?: readonly string[]; readonly rcode?: number }
>;

export interface NameServer extends AsyncDisposable {
  /** `127.0.0.3:40000`. */
  readonly server: string;
  /** `www.example.org A`, in order. */
  readonly asked: readonly string[];
}

const NXDOMAIN = 3;
const HOST = '127.0.0.3';

export async function startNameServer(hosts: NameServerHosts, ttl = 20): Promise<NameServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (message, { address, port }) => {
    const { id = 0, questions: [question] = [] } = dnsPacket.decode(message);
    if (question === undefined) return;
    const { name, type } = question;
    asked.push(`${name} ${type}`);
    const found = hosts[name];
    const data = (type === 'A' ? found?.a : found?.aaaa) ?? [];
    const rcode = found === undefined ? NXDOMAIN : (found.rcode ?? 0);
    const answers = data.map((each) => ({ type: type as 'A', name, ttl, data: each }));
    const flags = dnsPacket.AUTHORITATIVE_ANSWER | dnsPacket.RECURSION_AVAILABLE | rcode;
    const response = dnsPacket.encode({ type: 'response', id, flags, questions: [question], answers });
    socket.send(response, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, HOST, resolve));
  return {
    server: `${HOST}:${socket.address().port}`,
    asked,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}
