/**
 * H13: holds the snapshot that queries read, and the one under way. Swapping is one assignment; a query that has
 * begun keeps the snapshot it began with. Everything here is synchronous, so a worker between two messages always
 * has a whole snapshot.
 */
import type { Generation } from '@signpost/contracts/brands';
import type { Publication } from '@signpost/contracts/publication';

import type { FlattenedFor } from '../client/flattened-rules.ts';
import type { SlotOf } from '../count/target-times.ts';
import { SnapshotBuilder, type ZonePortion } from './build-snapshot.ts';
import type { BuildProblem } from './build-zone.ts';
import { EMPTY_SNAPSHOT, type Snapshot } from './zone.ts';

export class SnapshotHolder {
  current: Snapshot = EMPTY_SNAPSHOT;
  readonly #slotOf: SlotOf | undefined;
  readonly #flattenedFor: FlattenedFor | undefined;
  #underWay: SnapshotBuilder;

  /** As for `SnapshotBuilder`. */
  constructor(slotOf?: SlotOf, flattenedFor?: FlattenedFor) {
    this.#slotOf = slotOf;
    this.#flattenedFor = flattenedFor;
    this.#underWay = this.#builderFrom(EMPTY_SNAPSHOT);
  }

  begin(): void {
    this.#underWay = this.#builderFrom(EMPTY_SNAPSHOT);
  }

  addPortion(portion: ZonePortion): void {
    this.#underWay.addPortion(portion);
  }

  keepZones(apexes: readonly string[]): void {
    for (const apex of apexes) {
      const zone = this.current.zones.get(apex);
      if (zone !== undefined) this.#underWay.keepZone(zone);
    }
  }

  catchUp(publication: Publication): void {
    this.#underWay.apply(publication);
  }

  /** What was refused on the way comes back, for the log. */
  swap(generation: Generation): readonly BuildProblem[] {
    const { problems } = this.#underWay;
    this.current = this.#underWay.finish(generation);
    this.begin();
    return problems;
  }

  apply(publications: readonly Publication[]): readonly BuildProblem[] {
    const last = publications.at(-1);
    if (last === undefined) return [];
    const builder = this.#builderFrom(this.current);
    for (const publication of publications) builder.apply(publication);
    this.current = builder.finish(last.generation);
    return builder.problems;
  }

  #builderFrom(snapshot: Snapshot): SnapshotBuilder {
    return new SnapshotBuilder(snapshot, this.#slotOf, this.#flattenedFor);
  }
}
