/**
 * Port: what H11 does with what it read. Workers are one sink; a test's in-process snapshot is another.
 * Each call resolves when all who answer queries have done it. It must not know where records come from.
 */
import type { Generation } from '@signpost/contracts/brands';
import type { Publication } from '@signpost/contracts/publication';

import type { ZonePortion } from './build-snapshot.ts';

export interface RecordSink {
  /** Starts a snapshot beside the one in use; one that was under way is forgotten. */
  begin(): Promise<void>;
  addPortion(portion: ZonePortion): Promise<void>;
  /** Takes zones over from the snapshot in use. */
  keepZones(apexes: readonly string[]): Promise<void>;
  /** Applied to the snapshot under way. */
  catchUp(publication: Publication): Promise<void>;
  /** Makes the snapshot under way the one in use. */
  swap(generation: Generation): Promise<void>;
  /** Applied, in order, to the snapshot in use; what comes out is in use at once. */
  apply(publications: readonly Publication[]): Promise<void>;
}
