/**
 * Port: what H11 does with what it read. `image/record-image.ts` is its sink; a test's may be another.
 * Each call resolves when all who answer queries have done it. It must not know where records come from.
 */
import type { Generation } from '@signpost/contracts/brands';
import type { Publication } from '@signpost/contracts/publication';
import type { RecordSet, ZoneFacts } from '@signpost/contracts/record-set';

/** Some or all of a zone as the store holds it. */
export interface ZonePortion {
  readonly apex: string;
  readonly facts: ZoneFacts | undefined;
  /** `owner|TYPE` and the record set. */
  readonly recordSets: ReadonlyArray<readonly [field: string, set: RecordSet]>;
}

export interface RecordSink {
  /** Starts an image beside the one in use; one that was under way is forgotten. */
  begin(): Promise<void>;
  addPortion(portion: ZonePortion): Promise<void>;
  /** Takes zones over from the image in use. */
  keepZones(apexes: readonly string[]): Promise<void>;
  /** Applied to the image under way. */
  catchUp(publication: Publication): Promise<void>;
  /** Makes the image under way the one in use. */
  swap(generation: Generation): Promise<void>;
  /** Applied, in order, to the image in use; in use at once. */
  apply(publications: readonly Publication[]): Promise<void>;
}
