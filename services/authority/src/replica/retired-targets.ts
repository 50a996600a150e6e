/**
 * Which targets left this node's answers. Sees every record set on its way to the workers and counts the sets that
 * hold each target; one leaves when all workers have applied what takes the last of them away. Must not know when a
 * target was answered.
 */
import { recordSetField } from '@signpost/contracts/keys';
import type { Publication } from '@signpost/contracts/publication';
import type { RecordSet } from '@signpost/contracts/record-set';

import type { RecordSink } from './record-sink.ts';

/** `owner|TYPE` -> names of the targets in the set, of one zone. Static sets have none and take no room. */
type ZoneTargets = Map<string, readonly string[]>;

/** The last to leave are known; what left before so many others is in no cache any more. */
const MOST_RETIRED = 1_024;
/** Different lists of targets that are shared among the sets that hold them. */
const MOST_LISTS = 10_000;

export class RetiredTargets {
  #present = new Map<string, ZoneTargets>();
  #underWay = new Map<string, ZoneTargets>();
  readonly #sets = new Map<string, number>();
  /** In the order they left, with a number that no other leaving has. */
  readonly #retired = new Map<string, number>();
  readonly #lists = new Map<string, readonly string[]>();
  #leavings = 0;

  /** Name -> number of its leaving; the last to leave comes last. */
  get retired(): ReadonlyMap<string, number> {
    return this.#retired;
  }

  /** A sink that passes everything on. */
  watching(sink: RecordSink): RecordSink {
    return {
      begin: () => {
        this.#underWay = new Map();
        return sink.begin();
      },
      addPortion: (portion) => {
        const zone = zoneOf(this.#underWay, portion.apex);
        for (const [field, set] of portion.recordSets) this.#put(zone, field, set);
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
        this.#change(this.#underWay, publication, () => undefined);
        return sink.catchUp(publication);
      },
      swap: async (generation) => {
        await sink.swap(generation);
        this.#replace();
      },
      apply: async (publications) => {
        await sink.apply(publications);
        for (const publication of publications) {
          this.#change(this.#present, publication, (before, after) => this.#count(before, after));
        }
      },
    };
  }

  #change(
    zones: Map<string, ZoneTargets>,
    publication: Publication,
    tell: (before: readonly string[], after: readonly string[]) => void,
  ): void {
    for (const { zone: apex, owner, type, after } of publication.changes) {
      const zone = zoneOf(zones, apex);
      const field = recordSetField(owner, type);
      const before = zone.get(field) ?? [];
      this.#put(zone, field, after);
      tell(before, zone.get(field) ?? []);
    }
    for (const [apex, facts] of Object.entries(publication.zones)) {
      if (facts !== null) continue;
      for (const before of zones.get(apex)?.values() ?? []) tell(before, []);
      zones.delete(apex);
    }
  }

  #replace(): void {
    const before = this.#present;
    this.#present = this.#underWay;
    this.#underWay = new Map();
    // What comes first, so that a target of both does not leave in between.
    for (const zone of this.#present.values()) for (const targets of zone.values()) this.#count([], targets);
    for (const zone of before.values()) for (const targets of zone.values()) this.#count(targets, []);
  }

  #count(before: readonly string[], after: readonly string[]): void {
    for (const target of after) {
      this.#sets.set(target, (this.#sets.get(target) ?? 0) + 1);
      this.#retired.delete(target);
    }
    for (const target of before) {
      const left = this.#sets.get(target)! - 1;
      this.#sets.set(target, left);
      if (left === 0) this.#retire(target);
    }
  }

  #retire(target: string): void {
    this.#sets.delete(target);
    this.#leavings += 1;
    this.#retired.set(target, this.#leavings);
    if (this.#retired.size <= MOST_RETIRED) return;
    const [oldest] = this.#retired.keys();
    this.#retired.delete(oldest!);
  }

  #put(zone: ZoneTargets, field: string, set: RecordSet | null): void {
    if (set === null || set.kind === 'static') {
      zone.delete(field);
      return;
    }
    const names = set.groups.flatMap(({ answers }) => answers.map(({ target }) => target));
    zone.set(field, this.#shared([...new Set(names)]));
  }

  #shared(list: readonly string[]): readonly string[] {
    const key = list.join(' ');
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    if (this.#lists.size >= MOST_LISTS) this.#lists.clear();
    this.#lists.set(key, list);
    return list;
  }
}

function zoneOf(zones: Map<string, ZoneTargets>, apex: string): ZoneTargets {
  const known = zones.get(apex);
  if (known !== undefined) return known;
  const made: ZoneTargets = new Map();
  zones.set(apex, made);
  return made;
}
