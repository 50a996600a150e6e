/**
 * Starts a real nats-server on an ephemeral port of 127.0.0.1 for a test.
 * Source of the server: server-source.ts.
 */
import { connect } from 'node:net';

import type { ServerKind } from './server-kind.ts';
import { startTestServer, type TestServer } from './test-server.ts';

export type NatsServer = TestServer;

export interface NatsServerOptions {
  /** JetStream with file storage; default false. */
  readonly jetstream?: boolean;
  /** More configuration in nats-server's own language, e.g. users and permissions. */
  readonly config?: string;
  readonly port?: number;
  /** Where JetStream keeps its files; default a directory that is removed at the end. */
  readonly storeDir?: string;
}

export function startNats(options: NatsServerOptions = {}): Promise<NatsServer> {
  const { jetstream = false, config = '', port, storeDir } = options;
  const kind: ServerKind = {
    binary: 'nats-server',
    scheme: 'nats',
    standardPort: 4222,
    containerDataDir: '/data',
    readyLine: /Server is ready/,
    portTakenLine: /address already in use/,
    files: { 'nats.conf': config },
    args: ({ host, port, dataDir, filesDir }) =>
      ['-c', `${filesDir}/nats.conf`, '-a', host, '-p', String(port)].concat(
        jetstream ? ['-js', '-sd', dataDir] : [],
      ),
    greet,
  };
  return startTestServer(kind, { port, dataDir: storeDir });
}

/** A NATS server speaks first: `INFO {...}`. */
function greet(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(1_000, () => socket.destroy(new Error('nats-server did not greet')));
    socket.once('data', (data) => {
      if (data.toString('latin1').startsWith('INFO ')) resolve();
      else reject(new Error(`not a NATS server: ${data.toString('latin1')}`));
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed before INFO')));
  });
}
