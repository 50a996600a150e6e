/**
 * A network namespace that reaches chosen places of our loopback under their own addresses, until it is cut off: the
 * network of a vantage far away. A process inside takes connections and hands them out through a Unix socket, which
 * knows no namespaces; nothing outside of the new namespace is changed.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startGuardedProcess } from './guarded-process.ts';
import { runIp, type NamespaceCommands } from './network-namespace.ts';

export interface FarNetwork extends AsyncDisposable {
  /** Goes before the command of a process that is to run there. */
  readonly enter: readonly string[];
  /** All of 127.0.0.0/8 but 127.0.0.1 becomes unreachable: no route. What is under way there breaks as well. */
  cutOff(): void;
  rejoin(): void;
}

/** `places`: `127.0.0.1:4222`, at most a few hundred. */
export async function startFarNetwork(
  places: readonly string[],
  commands: NamespaceCommands,
): Promise<FarNetwork> {
  await using opening = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'signpost-far-'));
  opening.defer(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'out');
  const out = createServer({ allowHalfOpen: true }, handOut);
  out.listen(path);
  await once(out, 'listening');
  opening.defer(() => void out.close());

  const [command, ...args] = [...commands.create, 'sh', '-c', 'ip link set lo up && exec "$@"', 'far'];
  const file = join(import.meta.dirname, 'far-network-relay.ts');
  const relay = await startGuardedProcess(command, [...args, process.execPath, file, path, ...places]);
  opening.defer(async () => void (await relay.stop()));
  await relay.waitForLine(/^ready$/, 30_000);
  const enter = commands.enter(relay.pid);
  const opened = opening.move();
  return {
    enter,
    cutOff: () => runIp(['addr flush dev lo', 'addr add 127.0.0.1/32 dev lo'], enter),
    rejoin: () => runIp(['addr flush dev lo', 'addr add 127.0.0.1/8 dev lo'], enter),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The first octets of a connection are the place that it is for: `127.1.0.1:80` and a line feed. */
function handOut(inner: Socket): void {
  inner.on('error', () => {});
  inner.once('data', (head) => {
    const end = head.indexOf('\n');
    const [host, port] = head.toString('latin1', 0, end).split(':');
    inner.pause();
    if (end + 1 < head.length) inner.unshift(head.subarray(end + 1));
    const outer = connect({ host: host!, port: Number(port), allowHalfOpen: true });
    outer.on('error', () => inner.destroy());
    outer.once('close', () => inner.destroy());
    inner.once('close', () => outer.destroy());
    inner.pipe(outer).pipe(inner);
  });
}
