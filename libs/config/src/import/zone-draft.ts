/**
 * A zone of a configuration in the making: its records with the places they come from, its name servers and SOA, of
 * which a configuration needs both though a source may have neither.
 */

import type { Remarks, SourcePlace } from './remark.ts';
import {
  byOwner,
  DEFAULT_ZONE_TTL,
  dotted,
  type RecordInput,
  sameRdata,
  staticRecord,
  type StaticSet,
  usualTtl,
  withoutTtl,
  type ZoneInput,
} from './static-set.ts';

/** What the one who imports says; it goes before what the source says. */
export interface ZoneSettings {
  /** Absolute, with the final dot. */
  readonly ns?: readonly string[];
  readonly contact?: string;
}

export interface SourceSoa {
  readonly primary: string;
  readonly contact: string;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly negative_ttl: number;
  readonly ttl?: number;
}

interface DraftRecord {
  readonly place: SourcePlace;
  readonly record: RecordInput;
}

export class ZoneDraft {
  /** Canonical text. */
  readonly apex: string;
  soa: SourceSoa | undefined;
  /** What to say of the source's name servers where nobody says which others serve the zone. */
  nsRemark: { readonly place: SourcePlace; readonly message: string } | undefined;
  readonly #steered = new Map<string, DraftRecord[]>();
  readonly #statics = new Map<string, Map<string, StaticSet>>();
  readonly #dropped = new Set<RecordInput>();
  readonly #remarks: Remarks;

  constructor(apex: string, remarks: Remarks) {
    this.apex = apex;
    this.#remarks = remarks;
  }

  /** A steered record or an alias, at an owner in relative text or `@`. */
  addSteered(owner: string, record: RecordInput, place: SourcePlace): void {
    this.#steered.set(owner, [...(this.#steered.get(owner) ?? []), { place, record }]);
  }

  /** Values in RDATA text. Those of a type and owner that has some already join them, with the lower TTL. */
  addStatic(
    owner: string,
    type: string,
    ttl: number | undefined,
    values: readonly string[],
    place: SourcePlace,
  ): void {
    const sets = this.#statics.get(owner) ?? new Map<string, StaticSet>();
    this.#statics.set(owner, sets);
    const set = sets.get(type) ?? { place, ttl, values: [] };
    sets.set(type, set);
    const [mine, theirs] = [ttl ?? DEFAULT_ZONE_TTL, set.ttl ?? DEFAULT_ZONE_TTL];
    if (mine !== theirs) {
      set.ttl = Math.min(mine, theirs);
      this.#remarks.changed(
        place,
        `its TTL ${mine} is not that of the other ${type} records, ${theirs}; all get ${set.ttl}`,
      );
    }
    for (const value of values) {
      if (set.values.some((other) => sameRdata(type, other, value))) {
        if (set.place !== place)
          this.#remarks.changed(place, `${type} ${value} is there already; it stays once`);
      } else set.values.push(value);
    }
  }

  staticValues(owner: string, type: string): StaticSet | undefined {
    return this.#statics.get(owner)?.get(type);
  }

  /** Types at an owner; `steered` for what is no static record. */
  typesAt(owner: string): readonly string[] {
    return [...(this.#statics.get(owner)?.keys() ?? []), ...(this.#steered.has(owner) ? ['steered'] : [])];
  }

  /** Leaves the record that stands at `owner`, at `index` of `recordsAt`, out of the zone. */
  drop(owner: string, index: number, why: string): void {
    const found = this.#recordsAt(owner)[index];
    if (found === undefined) return;
    this.#remarks.lost(found.place, why);
    if ('type' in found.record) this.#statics.get(owner)?.delete(found.record.type);
    else this.#dropped.add(found.record);
  }

  /** The zone as it is now, owners in order with the apex first. */
  written(settings: ZoneSettings, place: SourcePlace): ZoneInput {
    const apexNs = this.#statics.get('@')?.get('NS');
    const ns = settings.ns ?? apexNs?.values ?? [`ns1.${dotted(this.apex)}`];
    if (settings.ns === undefined && apexNs === undefined) {
      this.#remarks.changed(
        place,
        `no name servers of the zone stand in it; ${ns[0]} was written, --ns says which`,
      );
    }
    if (settings.ns === undefined && this.nsRemark !== undefined) {
      this.#remarks.changed(this.nsRemark.place, this.nsRemark.message);
    }
    const ttl = usualTtl(
      [...this.#statics.values()].flatMap((sets) => [...sets].map(([type, set]) => ({ type, ttl: set.ttl }))),
    );
    const nsTtl = apexNs === undefined ? ttl : (apexNs.ttl ?? DEFAULT_ZONE_TTL);
    const owners = [...new Set([...this.#statics.keys(), ...this.#steered.keys()])].toSorted(byOwner);
    const records = owners.flatMap((owner): [string, RecordInput | RecordInput[]][] => {
      const own = this.#recordsAt(owner).map(({ record }) => withoutTtl(record, ttl));
      return own.length === 0 ? [] : [[owner, own.length === 1 ? own[0]! : own]];
    });
    return {
      soa: this.#soaOf(settings, ns[0]!, place),
      ns: [...ns],
      ...(nsTtl !== ttl && { ns_ttl: nsTtl }),
      ...(ttl !== DEFAULT_ZONE_TTL && { ttl }),
      ...(records.length > 0 && { records: Object.fromEntries(records) }),
    };
  }

  #recordsAt(owner: string): readonly DraftRecord[] {
    const statics = [...(this.#statics.get(owner) ?? [])].filter(([type]) => owner !== '@' || type !== 'NS');
    const steered = (this.#steered.get(owner) ?? []).filter(({ record }) => !this.#dropped.has(record));
    return [
      ...steered,
      ...statics.map(([type, set]) => ({ place: set.place, record: staticRecord(type, set) })),
    ];
  }

  #soaOf({ ns, contact }: ZoneSettings, primary: string, place: SourcePlace): NonNullable<ZoneInput['soa']> {
    const said = contact ?? this.soa?.contact ?? `hostmaster.${dotted(this.apex)}`;
    if (contact === undefined && this.soa === undefined) {
      this.#remarks.changed(
        place,
        `no SOA stands in it; its contact ${said} was written, --contact says whose`,
      );
    }
    if (this.soa === undefined) return { primary, contact: said };
    return { ...this.soa, primary: ns === undefined ? this.soa.primary : primary, contact: said };
  }
}
