/**
 * The geo database for the workers: one file, read once into memory that all of them share, and again when it
 * changes. A file that cannot be used is told and changes nothing, but for the first, without which nobody starts.
 */
import { readFile, stat } from 'node:fs/promises';

import { defaultDatabasePath } from '@signpost/geo/default-database';
import type { GeoDatabaseError } from '@signpost/geo/errors';
import { followGeoFile, type GeoSource } from '@signpost/geo/geo-file';

export interface GeoOptions {
  /** Undefined: the bundled database. */
  readonly path: string | undefined;
  /** Gives the database to the workers; its octets are shared memory and never change. */
  readonly publish: (octets: Uint8Array, file: string) => Promise<void>;
  readonly onReload: () => void;
  readonly onError: (error: GeoDatabaseError) => void;
  /** A mistake of ours. */
  readonly onFailure: (error: unknown) => void;
  readonly pollMs?: number;
}

/** Throws GeoDatabaseError if the file cannot be used at the start. */
export async function followGeo(options: GeoOptions): Promise<GeoSource> {
  const path = options.path ?? defaultDatabasePath();
  let latest = new Uint8Array(0) as Uint8Array;
  const source = await followGeoFile({
    path,
    ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
    files: {
      stat,
      readFile: async (file) => {
        latest = shared(await readFile(file));
        return latest;
      },
    },
    onError: options.onError,
    onReload: () => {
      options.onReload();
      options.publish(latest, path).catch(options.onFailure);
    },
  });
  await options.publish(latest, path);
  return source;
}

function shared(octets: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(octets.length));
  copy.set(octets);
  return copy;
}
