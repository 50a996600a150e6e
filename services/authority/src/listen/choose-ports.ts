/**
 * Port 0 means one free port, the same for UDP and TCP and for all addresses that ask for it, and another one for
 * TLS. It is found with sockets that share nothing and are closed again: a shared one could be given a port that
 * another process shares.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import { type DnsEndpoint, ListenError, type Listens, listenFailure } from './endpoint.ts';

const ATTEMPTS = 20;

export async function choosePorts({ dns, tls, proxyFrom }: Listens): Promise<Listens> {
  const chosen = await choosePort(dns, []);
  return { dns: chosen, tls: await choosePort(tls, chosen), proxyFrom };
}

async function choosePort(
  endpoints: readonly DnsEndpoint[],
  others: readonly DnsEndpoint[],
): Promise<readonly DnsEndpoint[]> {
  const open = endpoints.filter(({ port }) => port === 0);
  const [first, ...rest] = open;
  if (first === undefined) return endpoints;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = await freeUdpPort(first);
    if (others.some((other) => other.port === port)) continue;
    const taken = await firstTaken([
      () => isFreeForTcp(first, port),
      ...rest.flatMap((other) => [() => isFreeForTcp(other, port), () => isFreeForUdp(other, port)]),
    ]);
    if (!taken) return endpoints.map((endpoint) => (endpoint.port === 0 ? { ...endpoint, port } : endpoint));
  }
  throw new ListenError(
    `no port is free for UDP and TCP on ${open.map(({ host }) => host).join(', ')}`,
    true,
  );
}

async function firstTaken(checks: readonly (() => Promise<boolean>)[]): Promise<boolean> {
  for (const isFree of checks) if (!(await isFree())) return true;
  return false;
}

async function freeUdpPort(endpoint: DnsEndpoint): Promise<number> {
  const { host, family } = endpoint;
  const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6', ipv6Only: family === 6 });
  try {
    socket.bind({ port: 0, address: host, exclusive: true });
    await once(socket, 'listening');
    return socket.address().port;
  } catch (error) {
    throw listenFailure(error as NodeJS.ErrnoException, endpoint, 'UDP');
  } finally {
    socket.close();
  }
}

async function isFreeForUdp({ host, family }: DnsEndpoint, port: number): Promise<boolean> {
  const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6', ipv6Only: family === 6 });
  try {
    socket.bind({ port, address: host, exclusive: true });
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

async function isFreeForTcp({ host, family }: DnsEndpoint, port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ host, port, ipv6Only: family === 6, exclusive: true });
    await once(server, 'listening');
    return (server.address() as AddressInfo).port === port;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
