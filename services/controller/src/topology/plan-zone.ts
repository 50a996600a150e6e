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
  SteeredRecordConfiguration,
} from '@signpost/contracts/record-configuration';
import type { TtlPlan } from '@signpost/contracts/ttl-plan';
import { parseRecordSetField, recordSetField } from '@signpost/contracts/keys';
import type { StaticRecordSet, ZoneFacts } from '@signpost/contracts/record-set';
import { formatName, parseName } from '@signpost/dns/name-text';
import { isService, type SteeredType } from '@signpost/policy/answers-of';
import type { ServicePlan } from '@signpost/policy/policy-input';

export interface SteeredRecord {
  readonly owner: string;
  readonly policy: string;
  readonly types: readonly Exclude<SteeredType, 'CNAME'>[];
  readonly ttl: TtlPlan;
  /** Absent: addresses alone. */
  readonly services?: ServicePlan;
  /** No CNAME may stand at the owner, so host names are answered with their addresses. */
  readonly flatten?: true;
  /** Owner whose draws are shared, since one name stands for the other. */
  readonly seed?: string;
  /** Names below the owner lead to single targets. */
  readonly affinityNames?: true;
  /** This pool alone, whatever the policy would choose. */
  readonly only?: string;
  /** This target as long as it serves. */
  readonly pin?: string;
}

/** The addresses of a host elsewhere, as they are found. */
export interface HostAlias {
  readonly owner: string;
  /** Canonical text. */
  readonly host: string;
  /** Seconds, at most. */
  readonly ttl: number;
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
  readonly hosts: readonly HostAlias[];
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
  const mustFlatten = new Set(ownersWithMore(zone, apex, filed.recordSets.keys()));
  if (zone.ns !== undefined)
    addStatic(statics, apex, { type: 'NS', values: zone.ns }, zone.ns_ttl ?? zone.ttl);
  for (const [name, written] of Object.entries(zone.records)) {
    const owner = ownerName(name, apex);
    const records: readonly RecordConfiguration[] = Array.isArray(written) ? written : [written];
    for (const record of records) {
      if ('type' in record) addStatic(statics, owner, record, zone.ttl);
      else if ('steer' in record) {
        steered.push(planSteered(owner, record, defaults, mustFlatten.has(owner)));
      }
    }
  }
  return { apex, soa: plannedFacts(writtenApex, zone, filed.facts), statics, steered, hosts: [] };
}

export function planSteered(
  owner: string,
  record: SteeredRecordConfiguration,
  defaults: Configuration['defaults'],
  mustFlatten: boolean,
): SteeredRecord {
  const { https = { failover: true, hints: true }, mx, srv } = record;
  const hasServices = record.types.some(isService);
  const services = {
    owner,
    binding: https,
    preference: mx?.preference ?? DEFAULT_PREFERENCE,
    ...(srv && { srv }),
  };
  return {
    owner,
    policy: record.steer,
    types: record.types,
    ttl: record.ttl ?? defaults.ttl,
    ...(hasServices && { services }),
    ...((mustFlatten || hasServices) && { flatten: true as const }),
    ...(record.affinity_names === true && { affinityNames: true as const }),
  };
}

const DEFAULT_PREFERENCE = 10;

/** Owners at which something stands besides one steered record: the apex, which has SOA and NS, and others. */
function ownersWithMore(zone: ZoneConfiguration, apex: string, filed: Iterable<string>): readonly string[] {
  const taken = [...filed].map((field) => parseRecordSetField(field).owner);
  const written = Object.entries(zone.records).flatMap(([name, content]) => {
    const owner = ownerName(name, apex);
    return Array.isArray(content) ? content.map(() => owner) : [owner];
  });
  const seen = new Set<string>();
  const repeated = written.filter((owner) => seen.has(owner) || !seen.add(owner));
  return [apex, ...taken, ...repeated];
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
