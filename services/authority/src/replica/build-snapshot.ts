/**
 * H12 -> H13: publications, or a whole store in portions, to the next snapshot. The snapshot it starts from
 * stays as it was; what is finished becomes visible only when somebody swaps it in.
 * Pure: it must not decide whether a publication follows on (`follow-records.ts` does).
 */
import type { Generation } from '@signpost/contracts/brands';
import { parseRecordSetField } from '@signpost/contracts/keys';
import type { Publication } from '@signpost/contracts/publication';
import type { RecordSet, ZoneFacts } from '@signpost/contracts/record-set';

import type { FlattenedFor } from '../client/flattened-rules.ts';
import { NO_SLOT, type SlotOf } from '../count/target-times.ts';
import { type BuildProblem, emptyZone, ZoneEditor } from './build-zone.ts';
import { emptyTable } from './name-table.ts';
import type { Snapshot, Zone } from './zone.ts';

/** Some or all of a zone as the store holds it. */
export interface ZonePortion {
  readonly apex: string;
  readonly facts: ZoneFacts | undefined;
  /** `owner|TYPE` and the record set. */
  readonly recordSets: ReadonlyArray<readonly [field: string, set: RecordSet]>;
}

export class SnapshotBuilder {
  readonly #zones: Map<string, Zone>;
  readonly #editors = new Map<string, ZoneEditor>();
  readonly #slotOf: SlotOf;
  readonly #flattenedFor: FlattenedFor | undefined;
  /** Everything refused so far. */
  readonly problems: BuildProblem[] = [];

  /** `slotOf`: where the last answer of a target is noted; absent: nowhere. `flattenedFor` absent: rules are walked. */
  constructor(from: Snapshot, slotOf: SlotOf = () => NO_SLOT, flattenedFor?: FlattenedFor) {
    this.#slotOf = slotOf;
    this.#flattenedFor = flattenedFor;
    this.#zones = new Map(from.zones);
  }

  addPortion({ apex, facts, recordSets }: ZonePortion): void {
    const editor = this.#editor(apex);
    if (editor === undefined) return;
    for (const [field, set] of recordSets) {
      const { owner, type } = parseRecordSetField(field);
      editor.put(owner, type, set);
    }
    if (facts !== undefined) editor.setFacts(facts);
  }

  /** A whole zone of another snapshot, in place of what is here. */
  keepZone(zone: Zone): void {
    this.#editors.delete(zone.apex);
    this.#zones.set(zone.apex, zone);
  }

  apply({ changes, zones }: Publication): void {
    for (const { zone, owner, type, after } of changes) this.#editor(zone)?.put(owner, type, after);
    for (const [apex, facts] of Object.entries(zones)) {
      if (facts !== null) this.#editor(apex)?.setFacts(facts);
      else this.#remove(apex);
    }
  }

  finish(generation: Generation): Snapshot {
    for (const [apex, editor] of this.#editors) this.#zones.set(apex, editor.finish());
    this.#editors.clear();
    const served = emptyTable<Zone>().edit();
    let mostApexLabels = 0;
    for (const zone of this.#zones.values()) {
      if (zone.soa === undefined) continue;
      served.set(zone);
      mostApexLabels = Math.max(mostApexLabels, zone.apexLabels);
    }
    return { generation, zones: this.#zones, served: served.finish(), mostApexLabels };
  }

  #remove(apex: string): void {
    this.#editors.delete(apex);
    this.#zones.delete(apex);
  }

  #editor(apex: string): ZoneEditor | undefined {
    const known = this.#editors.get(apex);
    if (known !== undefined) return known;
    try {
      const zone = this.#zones.get(apex) ?? emptyZone(apex);
      const editor = new ZoneEditor(zone, this.problems, this.#slotOf, this.#flattenedFor);
      this.#editors.set(apex, editor);
      return editor;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.problems.push({ zone: apex, owner: apex, type: 'SOA', reason });
      return undefined;
    }
  }
}
