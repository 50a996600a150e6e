/**
 * The databases of places and of autonomous systems for the workers: each a file, read once into memory that all of
 * them share, and again when it changes. A file that cannot be used is told and changes nothing, but for the first,
 * without which nobody starts.
 */
import { readFile, stat } from 'node:fs/promises';

import { defaultDatabasePath } from '@signpost/geo/default-database';
import {
  type DatabaseFileOptions,
  type DatabaseFollower,
  followGeoFile,
  followSystemFile,
  type GeoSource,
  type SystemSource,
} from '@signpost/geo/geo-file';
import type { Found } from '@signpost/geo/record-kind';
import type { Telemetry } from '@signpost/telemetry/telemetry';

import type { WorkerPool } from './worker/worker-pool.ts';

export interface DatabaseOptions {
  /** Undefined: the bundled database. */
  readonly geoDatabase: string | undefined;
  /** Undefined: none, autonomous systems are not known. */
  readonly asnDatabase: string | undefined;
  readonly pool: Pick<WorkerPool, 'setGeo' | 'setSystems'>;
  readonly telemetry: Pick<Telemetry, 'logger' | 'metrics'>;
  /** Another version of a file is in use. */
  readonly onReload?: () => void;
  /** A mistake of ours. */
  readonly onFailure: (error: unknown) => void;
  readonly pollMs?: number | undefined;
}

export interface Databases extends AsyncDisposable {
  readonly geo: GeoSource;
  readonly systems: SystemSource | undefined;
}

/** Throws GeoDatabaseError if a file cannot be used at the start. */
export async function followDatabases(options: DatabaseOptions): Promise<Databases> {
  const { geoDatabase = defaultDatabasePath(), asnDatabase, pool } = options;
  await using opening = new AsyncDisposableStack();
  const geo = opening.use(await follow(options, followGeoFile, geoDatabase, pool.setGeo, 'geo'));
  const systems =
    asnDatabase === undefined
      ? undefined
      : opening.use(await follow(options, followSystemFile, asnDatabase, pool.setSystems, 'ASN'));
  const open = opening.move();
  return { geo, systems, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

async function follow<Value extends Found>(
  { telemetry: { logger, metrics }, onReload, onFailure, pollMs }: DatabaseOptions,
  followFile: (options: DatabaseFileOptions<Value>) => Promise<DatabaseFollower<Value>>,
  path: string,
  publish: (octets: Uint8Array, file: string) => Promise<void>,
  name: string,
): Promise<DatabaseFollower<Value>> {
  let latest = new Uint8Array(0) as Uint8Array;
  const source = await followFile({
    path,
    ...(pollMs === undefined ? {} : { pollMs }),
    files: {
      stat,
      readFile: async (file) => {
        latest = shared(await readFile(file));
        return latest;
      },
    },
    onError: (error) => {
      metrics.add('signpost_geo_reload_failures_total', {});
      logger.error({ err: error }, `${name} database refused: the last good one stays`);
    },
    onReload: () => {
      logger.info(`${name} database reloaded`);
      publish(latest, path).catch(onFailure);
      onReload?.();
    },
  });
  await publish(latest, path);
  return source;
}

/** The workers read it in place; it never changes. */
function shared(octets: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(octets.length));
  copy.set(octets);
  return copy;
}
