/**
 * Which record sets have rules on autonomous systems. For an authority that has no database of them, where such rules
 * match nobody: that must be told, since all answers look well. Sees every record set on its way to the workers.
 */
import { recordSetField } from '@signpost/contracts/keys';
import type { Publication } from '@signpost/contracts/publication';
import type { RecordSet } from '@signpost/contracts/record-set';

import type { RecordSink } from './record-sink.ts';

/** By apex: `owner|TYPE` of the sets that ask. */
type Asking = Map<string, Set<string>>;

export class SystemsAsked {
  #present: Asking = new Map();
  #underWay: Asking = new Map();
  readonly #onFirst: (owner: string) => void;

  /** `onFirst`: told of one when there were none before. */
  constructor(onFirst: (owner: string) => void) {
    this.#onFirst = onFirst;
  }

  /** Record sets being answered from. */
  get count(): number {
    return [...this.#present.values()].reduce((sum, fields) => sum + fields.size, 0);
  }

  /** A sink that passes everything on. */
  watching(sink: RecordSink): RecordSink {
    return {
      begin: () => {
        this.#underWay = new Map();
        return sink.begin();
      },
      addPortion: (portion) => {
        for (const [field, set] of portion.recordSets) put(this.#underWay, portion.apex, field, set);
        return sink.addPortion(portion);
      },
      keepZones: (apexes) => {
        for (const apex of apexes) {
          const kept = this.#present.get(apex);
          if (kept !== undefined) this.#underWay.set(apex, new Set(kept));
        }
        return sink.keepZones(apexes);
      },
      catchUp: (publication) => {
        change(this.#underWay, publication);
        return sink.catchUp(publication);
      },
      swap: async (generation) => {
        await sink.swap(generation);
        this.#tellFirst(() => {
          this.#present = this.#underWay;
          this.#underWay = new Map();
        });
      },
      apply: async (publications) => {
        await sink.apply(publications);
        this.#tellFirst(() => {
          for (const publication of publications) change(this.#present, publication);
        });
      },
    };
  }

  #tellFirst(changing: () => void): void {
    const hadNone = this.#present.size === 0;
    changing();
    if (!hadNone) return;
    for (const fields of this.#present.values()) {
      for (const field of fields) return this.#onFirst(field.slice(0, field.indexOf('|')));
    }
  }
}

function change(zones: Asking, { changes, zones: facts }: Publication): void {
  for (const { zone, owner, type, after } of changes) put(zones, zone, recordSetField(owner, type), after);
  for (const [apex, now] of Object.entries(facts)) if (now === null) zones.delete(apex);
}

function put(zones: Asking, apex: string, field: string, set: RecordSet | null): void {
  const fields = zones.get(apex) ?? new Set();
  if (set !== null && asks(set)) fields.add(field);
  else fields.delete(field);
  if (fields.size === 0) zones.delete(apex);
  else zones.set(apex, fields);
}

function asks(set: RecordSet): boolean {
  if (set.kind === 'static') return false;
  const rules = [...set.rules, ...(set.views ?? []).flatMap((view) => view.rules ?? [])];
  return rules.some(({ when = [] }) => when.some(({ asns }) => asns !== undefined));
}
