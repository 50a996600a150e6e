/**
 * What a prober is told by its environment, read once and checked whole. It must not read the environment itself.
 */
import type { ListenAddress } from '@signpost/config/listen-address';
import type { EnvironmentReader } from '@signpost/config/read-env';
import { readNatsSettings, type ServerSettings } from '@signpost/config/server-settings';
import { nameFromHost } from '@signpost/contracts/names';

export interface ProberConfig {
  readonly nats: ServerSettings;
  readonly vantage: string;
  /** Stable over restarts, unique within the vantage. */
  readonly prober: string;
  readonly admin: ListenAddress;
  /** Probes at once, at most: in all, each of which holds one socket, and to one host. */
  readonly limits: { readonly total: number; readonly perHost: number };
}

/** `hostname`: the default id is made from it. Throws `ConfigError` with every problem. */
export function readProberConfig(read: EnvironmentReader, hostname: string): ProberConfig {
  return read.finish({
    nats: readNatsSettings(read),
    vantage: read.name('SIGNPOST_VANTAGE', 'local'),
    prober: read.name('SIGNPOST_PROBER', nameFromHost(hostname, 'prober')),
    admin: read.listen('SIGNPOST_ADMIN_LISTEN', '127.0.0.1:9155'),
    limits: {
      total: read.integer('SIGNPOST_PROBE_CONCURRENCY', { min: 1, max: 100_000, fallback: 1_000 }),
      perHost: read.integer('SIGNPOST_PROBE_CONCURRENCY_PER_HOST', { min: 1, max: 100_000, fallback: 50 }),
    },
  });
}
