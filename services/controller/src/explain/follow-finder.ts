/** What is known of clients, from the files of databases, which are followed. */
import type { ClientSystem, Place } from '@signpost/contracts/place';
import { defaultDatabasePath } from '@signpost/geo/default-database';
import type { GeoDatabaseError } from '@signpost/geo/errors';
import { followGeoFile, followSystemFile } from '@signpost/geo/geo-file';

import type { ClientFinder } from './explain.ts';

export interface FinderOptions {
  /** Undefined: the bundled database. */
  readonly geoDatabase: string | undefined;
  /** Undefined: none. */
  readonly asnDatabase: string | undefined;
  /** A replacement cannot be used: the last good one stays. */
  readonly onError: (error: GeoDatabaseError) => void;
}

/** Throws GeoDatabaseError if a file cannot be used at the start. */
export async function followFinder({
  geoDatabase,
  asnDatabase,
  onError,
}: FinderOptions): Promise<ClientFinder & AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const geo = opening.use(await followGeoFile({ path: geoDatabase ?? defaultDatabasePath(), onError }));
  const systems =
    asnDatabase === undefined
      ? undefined
      : opening.use(await followSystemFile({ path: asnDatabase, onError }));
  const open = opening.move();
  return {
    place: (octets): Place => geo.current().lookup(octets),
    ...(systems !== undefined && { system: (octets): ClientSystem => systems.current().lookup(octets) }),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
