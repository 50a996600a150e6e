/**
 * The services as their users run them, for a configuration of the caller's: real NATS and Redis, a controller,
 * a prober per vantage and several authorities, each a process, all on 127.0.0.1 and ports of their own.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ConfigurationInput } from '@signpost/contracts/configuration';
import type { Status } from '@signpost/contracts/status';

import { freePort } from './free-port.ts';
import { startNats, type NatsServer } from './start-nats.ts';
import { startSignpost, type SignpostProcess } from './start-process.ts';
import { startRedis, type RedisServer } from './start-redis.ts';

export interface Services extends AsyncDisposable {
  readonly nats: NatsServer;
  readonly redis: RedisServer;
  /** DNS ports of the authorities. */
  readonly dnsPorts: readonly number[];
  readonly controller: SignpostProcess;
  /** By vantage. */
  readonly probers: ReadonlyMap<string, SignpostProcess>;
  readonly status: () => Promise<Status>;
  /** `enter` goes before the command, e.g. to run it in another network namespace. */
  startProber(vantage: string, enter?: readonly string[]): Promise<SignpostProcess>;
}

export interface ServicesOptions {
  readonly configuration: ConfigurationInput;
  readonly authorities: number;
  /** Vantages whose prober the caller starts itself. */
  readonly without?: readonly string[];
}

export async function startServices(options: ServicesOptions): Promise<Services> {
  await using opening = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'signpost-services-'));
  opening.defer(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'signpost.yaml');
  await writeFile(file, JSON.stringify(options.configuration)); // YAML takes JSON
  const nats = opening.use(await startNats({ jetstream: true }));
  const redis = opening.use(await startRedis());
  const apiPort = await freePort();
  const dnsPorts: number[] = [];
  const probers = new Map<string, SignpostProcess>();

  const start = async (role: string, env: Record<string, string>, enter: readonly string[] = []) => {
    const shared = { SIGNPOST_NATS_URL: nats.url, SIGNPOST_REDIS_URL: redis.url, LOG_LEVEL: 'info' };
    const settings = { ...shared, SIGNPOST_ADMIN_LISTEN: '127.0.0.1:0', ...env };
    return opened.use(await startSignpost([role], settings, { enter }));
  };
  const startProber = async (vantage: string, enter: readonly string[] = []) => {
    const env = { SIGNPOST_VANTAGE: vantage, SIGNPOST_PROBER: `prober-${vantage}` };
    const prober = await start('prober', env, enter);
    probers.set(vantage, prober);
    return prober;
  };
  let opened: AsyncDisposableStack = opening;
  const controller = await start('controller', {
    SIGNPOST_CONFIG: file,
    SIGNPOST_API_LISTEN: `127.0.0.1:${apiPort}`,
  });
  for (let node = 1; node <= options.authorities; node += 1) {
    const port = await freePort();
    dnsPorts.push(port);
    await start('authority', {
      SIGNPOST_NODE: `authority-${node}`,
      SIGNPOST_DNS_LISTEN: `127.0.0.1:${port}`,
      SIGNPOST_WORKERS: '1',
      SIGNPOST_LAMEDUCK: '0ms',
    });
  }
  for (const vantage of Object.keys(options.configuration.vantages ?? {})) {
    if (options.without?.includes(vantage) !== true) await startProber(vantage);
  }
  opened = opening.move();
  return {
    nats,
    redis,
    dnsPorts,
    controller,
    probers,
    startProber,
    status: async () => (await (await fetch(`http://127.0.0.1:${apiPort}/api/v1/status`)).json()) as Status,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
