/**
 * Something noted of each record set that is answered from. Sees every record set on its way to the workers, and tells
 * what changed once all of them answer by it. Must not know what is noted.
 */
import { recordSetField } from '@signpost/contracts/keys';
import type { Publication } from '@signpost/contracts/publication';
import type { RecordSet } from '@signpost/contracts/record-set';

import type { RecordSink } from './record-sink.ts';

export interface NotedSetsOptions<Note> {
  /** Undefined: nothing; such sets take no room. `field`: `owner|TYPE`. */
  readonly noteOf: (set: RecordSet, field: string) => Note | undefined;
  /** Of one record set that is answered from. */
  readonly onChange: (before: Note | undefined, after: Note | undefined) => void;
  /** All of a swap or of publications was told. */
  readonly onSettled?: () => void;
}

/** By apex, then `owner|TYPE`. */
type Zones<Note> = Map<string, Map<string, Note>>;

export class NotedSets<Note> {
  #present: Zones<Note> = new Map();
  #underWay: Zones<Note> = new Map();
  readonly #options: NotedSetsOptions<Note>;

  constructor(options: NotedSetsOptions<Note>) {
    this.#options = options;
  }

  /** Of the record sets that are answered from. */
  *notes(): Iterable<Note> {
    for (const zone of this.#present.values()) yield* zone.values();
  }

  /** Whether an image is being read beside the one in use. */
  get isUnderWay(): boolean {
    return this.#underWay.size > 0;
  }

  /** A sink that passes everything on. */
  watching(sink: RecordSink): RecordSink {
    return {
      begin: () => {
        this.#underWay = new Map();
        return sink.begin();
      },
      addPortion: (portion) => {
        for (const [field, set] of portion.recordSets) this.#put(this.#underWay, portion.apex, field, set);
        return sink.addPortion(portion);
      },
      keepZones: (apexes) => {
        for (const apex of apexes) {
          const kept = this.#present.get(apex);
          if (kept !== undefined) this.#underWay.set(apex, new Map(kept));
        }
        return sink.keepZones(apexes);
      },
      catchUp: (publication) => {
        this.#change(this.#underWay, publication);
        return sink.catchUp(publication);
      },
      swap: async (generation) => {
        await sink.swap(generation);
        this.#replace();
        this.#options.onSettled?.();
      },
      apply: async (publications) => {
        await sink.apply(publications);
        for (const publication of publications) this.#change(this.#present, publication);
        this.#options.onSettled?.();
      },
    };
  }

  #replace(): void {
    const before = this.#present;
    this.#present = this.#underWay;
    this.#underWay = new Map();
    const { onChange } = this.#options;
    // What comes first, so that what stands in both does not go in between.
    for (const zone of this.#present.values()) for (const note of zone.values()) onChange(undefined, note);
    for (const zone of before.values()) for (const note of zone.values()) onChange(note, undefined);
  }

  #change(zones: Zones<Note>, { changes, zones: facts }: Publication): void {
    for (const { zone, owner, type, after } of changes) {
      this.#put(zones, zone, recordSetField(owner, type), after);
    }
    for (const [apex, now] of Object.entries(facts)) {
      if (now !== null) continue;
      const gone = zones.get(apex);
      zones.delete(apex);
      for (const note of gone?.values() ?? []) this.#tell(zones, note, undefined);
    }
  }

  #put(zones: Zones<Note>, apex: string, field: string, set: RecordSet | null): void {
    const before = zones.get(apex)?.get(field);
    const after = set === null ? undefined : this.#options.noteOf(set, field);
    if (before === after) return;
    const zone = zones.get(apex) ?? new Map<string, Note>();
    if (after === undefined) zone.delete(field);
    else zone.set(field, after);
    if (zone.size === 0) zones.delete(apex);
    else zones.set(apex, zone);
    this.#tell(zones, before, after);
  }

  /** What is under way is told when it is in use. */
  #tell(zones: Zones<Note>, before: Note | undefined, after: Note | undefined): void {
    if (zones === this.#present) this.#options.onChange(before, after);
  }
}
