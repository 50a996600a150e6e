/**
 * What the benches probe, as a process of its own, so that its CPU time is not the prober's: on each address given
 * a TCP port that accepts, and one that answers HTTP with 200 and a few octets. Prints `ready` and ends with its input.
 *
 *   node bench/probe-targets.ts HTTP-PORT TCP-PORT ADDRESS...
 */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';

const [httpPort, tcpPort, ...addresses] = process.argv.slice(2);
for (const address of addresses) {
  await listen(
    createHttpServer((_request, response) => response.end('ok\n')),
    Number(httpPort),
    address,
  );
  await listen(
    createTcpServer((socket) => socket.on('error', () => {}).resume()),
    Number(tcpPort),
    address,
  );
}
console.log('ready');
process.stdin.resume().once('end', () => process.exit());

async function listen(server: Server, port: number, address: string): Promise<void> {
  server.listen(port, address, 1_024);
  await once(server, 'listening');
}
