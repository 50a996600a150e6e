/** Opens the socket of an HTTP server, or says which variable to look at. */
import { formatListenAddress, type ListenAddress } from '@signpost/config/listen-address';
import type { FastifyInstance } from 'fastify';

/** Where it really listens: port 0 is replaced. */
export async function listenHttp(
  app: Pick<FastifyInstance, 'listen' | 'server'>,
  address: ListenAddress,
  variable: string,
): Promise<ListenAddress> {
  try {
    if (address.kind === 'unix') await app.listen({ path: address.path });
    else await app.listen({ host: address.host, port: address.port });
  } catch (cause) {
    const where = formatListenAddress(address);
    throw new Error(`cannot listen on ${where} (${variable}): ${(cause as Error).message}`, { cause });
  }
  const bound = app.server.address();
  return address.kind === 'port' && typeof bound === 'object' && bound !== null
    ? { ...address, port: bound.port }
    : address;
}
