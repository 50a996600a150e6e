/**
 * The inner half of far-network.ts, which starts it in a namespace of its own: listens on each place given and hands
 * every connection to the Unix socket. Prints `ready`; ends with its input.
 *
 *   node far-network-relay.ts SOCKET-PATH PLACE...
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const [path, ...places] = process.argv.slice(2);
for (const place of places) {
  const [host, port] = place.split(':');
  const server = createServer({ allowHalfOpen: true }, (outer) => {
    const inner = connect({ path: path!, allowHalfOpen: true });
    for (const [one, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      one.on('error', () => {});
      one.once('close', () => other.destroy());
    }
    inner.write(`${place}\n`);
    outer.pipe(inner).pipe(outer);
  });
  server.listen(Number(port), host);
  await once(server, 'listening');
}
console.log('ready');
process.stdin.resume().once('end', () => process.exit());
