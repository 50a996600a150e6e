/**
 * Which different sets of rules on clients there are, and how many record sets have each. Sees every record set on its
 * way to the workers. Must not know of tables.
 */
import { recordSetField } from '@signpost/contracts/keys';
import type { Publication } from '@signpost/contracts/publication';
import type { RecordSet } from '@signpost/contracts/record-set';
import { decidingKey, type DecidingPart } from '@signpost/policy/client-rules';

import type { RecordSink } from '../replica/record-sink.ts';

export interface UsedRules {
  readonly key: string;
  readonly part: DecidingPart;
  /** Record sets being answered from that have them. */
  count: number;
}

/** By apex, then `owner|TYPE`; sets whose rules look at nothing have none and take no room. */
type Zones = Map<string, Map<string, UsedRules>>;

export class RulesInUse {
  #present: Zones = new Map();
  #underWay: Zones = new Map();
  /** Those in use and those under way, by key. */
  readonly #known = new Map<string, UsedRules>();
  readonly #onChange: () => void;

  /** Called when all workers answer by what has changed. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Undefined: no record set has them. */
  get(key: string): UsedRules | undefined {
    const rules = this.#known.get(key);
    return rules !== undefined && rules.count > 0 ? rules : undefined;
  }

  *all(): Iterable<UsedRules> {
    for (const rules of this.#known.values()) if (rules.count > 0) yield rules;
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
      },
      apply: async (publications) => {
        await sink.apply(publications);
        for (const publication of publications) this.#change(this.#present, publication);
        this.#onChange();
      },
    };
  }

  #replace(): void {
    this.#present = this.#underWay;
    this.#underWay = new Map();
    for (const rules of this.#known.values()) rules.count = 0;
    for (const zone of this.#present.values()) for (const rules of zone.values()) rules.count += 1;
    for (const { key, count } of this.#known.values()) if (count === 0) this.#known.delete(key);
    this.#onChange();
  }

  #change(zones: Zones, { changes, zones: facts }: Publication): void {
    for (const { zone, owner, type, after } of changes) {
      this.#put(zones, zone, recordSetField(owner, type), after);
    }
    for (const [apex, now] of Object.entries(facts)) {
      if (now !== null) continue;
      for (const rules of zones.get(apex)?.values() ?? []) this.#count(zones, rules, -1);
      zones.delete(apex);
    }
  }

  #put(zones: Zones, apex: string, field: string, set: RecordSet | null): void {
    const before = zones.get(apex)?.get(field);
    const after = set?.kind === 'steered' ? this.#rulesOf(set) : undefined;
    if (before === after) return;
    const zone = zones.get(apex) ?? new Map<string, UsedRules>();
    if (after === undefined) zone.delete(field);
    else zone.set(field, after);
    if (zone.size === 0) zones.delete(apex);
    else zones.set(apex, zone);
    if (after !== undefined) this.#count(zones, after, 1);
    if (before !== undefined) this.#count(zones, before, -1);
  }

  /** What is under way is counted when it is in use. */
  #count(zones: Zones, rules: UsedRules, by: number): void {
    if (zones !== this.#present) return;
    rules.count += by;
    if (rules.count === 0 && this.#underWay.size === 0) this.#known.delete(rules.key);
  }

  #rulesOf({ rules, views, branches }: DecidingPart): UsedRules | undefined {
    const key = decidingKey({ rules, views, branches });
    if (key === undefined) return undefined;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made: UsedRules = { key, part: { rules, views, branches }, count: 0 };
    this.#known.set(key, made);
    return made;
  }
}
