/**
 * One zone of the configuration, made ready to compile: its static record sets finished, those of its zone file among
 * them, its steered records named by policy, TTL and types. Pure; what health decides is left to `compile-zone.ts`.
 */
import { readOwner } from '@signpost/config/name-problem';
import { recordTexts } from '@signpost/config/static-record';
import { storedZone } from '@signpost/config/stored-zone';
import { readZoneSource } from '@signpost/config/zone-source';
import type { Configuration, ZoneConfiguration } from '@signpost/contracts/configuration';
import type {
  RecordConfiguration,
  StaticRecordConfiguration,
} from '@signpost/contracts/record-configuration';
import type { TtlPlan } from '@signpost/contracts/ttl-plan';
import { recordSetField } from '@signpost/contracts/keys';
import type { StaticRecordSet, ZoneFacts } from '@signpost/contracts/record-set';
import { formatName, parseName } from '@signpost/dns/name-text';

export interface SteeredRecord {
  readonly owner: string;
  readonly policy: string;
  readonly types: readonly ('A' | 'AAAA')[];
  readonly ttl: TtlPlan;
}

/** The serial is the publication's, never a zone file's: it depends on what was published before. */
export type PlannedFacts = Omit<ZoneFacts['soa'], 'serial'>;

export interface ZonePlan {
  /** Canonical text, as all names here. */
  readonly apex: string;
  readonly soa: PlannedFacts;
  /** By `owner|TYPE`. */
  readonly statics: ReadonlyMap<string, StaticRecordSet>;
  readonly steered: readonly SteeredRecord[];
}

export function planZone(
  writtenApex: string,
  zone: ZoneConfiguration,
  defaults: Configuration['defaults'],
): ZonePlan {
  const apex = formatName(parseName(writtenApex));
  const filed = storedZone(readZoneSource(apex, zone)?.records ?? []);
  const statics = new Map<string, StaticRecordSet>(filed.recordSets);
  const steered: SteeredRecord[] = [];
  if (zone.ns !== undefined) addStatic(statics, apex, { type: 'NS', values: zone.ns }, zone.ttl);
  for (const [name, written] of Object.entries(zone.records)) {
    const owner = ownerName(name, apex);
    const records: readonly RecordConfiguration[] = Array.isArray(written) ? written : [written];
    for (const record of records) {
      if ('type' in record) addStatic(statics, owner, record, zone.ttl);
      else if ('steer' in record) {
        steered.push({
          owner,
          policy: record.steer,
          types: record.types.filter((type) => type === 'A' || type === 'AAAA'),
          ttl: record.ttl ?? defaults.ttl,
        });
      }
    }
  }
  return { apex, soa: plannedFacts(writtenApex, zone, filed.facts), statics, steered };
}

/** Owner names are relative to the apex, which is `@`; one with a final dot is absolute. */
export function ownerName(name: string, apex: string): string {
  const owner = readOwner(name, parseName(apex));
  if (owner.problem !== undefined) throw new TypeError(owner.problem); // the configuration was checked
  return formatName(owner.name);
}

/** Two records of one owner and type are one RRset: the lowest TTL holds for all of it (RFC 2181 section 5.2). */
function addStatic(
  statics: Map<string, StaticRecordSet>,
  owner: string,
  record: StaticRecordConfiguration,
  zoneTtl: number,
): void {
  const field = recordSetField(owner, record.type);
  const values = record.values ?? (record.value === undefined ? [] : [record.value]);
  const before = statics.get(field);
  const rdata = [...new Set([...(before?.rdata ?? []), ...recordTexts(record.type, values)])];
  if (rdata.length === 0) return;
  const ttl = Math.min(before?.ttl ?? Number.POSITIVE_INFINITY, record.ttl ?? zoneTtl);
  statics.set(field, { kind: 'static', ttl, rdata });
}

function plannedFacts(apex: string, { soa }: ZoneConfiguration, filed: ZoneFacts | undefined): PlannedFacts {
  if (filed !== undefined) {
    const { serial: _serial, ...facts } = filed.soa;
    return facts;
  }
  if (soa === undefined) throw new TypeError(`zone ${apex} has no SOA`); // the configuration was checked
  return {
    primary: soa.primary,
    contact: soa.contact,
    refresh: soa.refresh,
    retry: soa.retry,
    expire: soa.expire,
    negativeTtl: soa.negative_ttl,
    ttl: soa.ttl,
  };
}
