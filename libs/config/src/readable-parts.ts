/**
 * The parts of a configuration whose shape is right, as far as they could be read: what reference checks work on.
 * Data alone; decides nothing.
 */
import type {
  Configuration,
  ConfiguredOverride,
  MaintenanceConfiguration,
  GuardsConfiguration,
  ZoneConfiguration,
} from '@signpost/contracts/configuration';
import type { RecordConfiguration } from '@signpost/contracts/record-configuration';

import { readZoneSource, type ZoneSource } from './zone-source.ts';

/** Nouns that others refer to by name. */
export const SECTIONS = ['vantages', 'monitors', 'targets', 'pools', 'policies'] as const;
export type Section = (typeof SECTIONS)[number];

export type Path = (string | number)[];

export type Nouns = Pick<Configuration, Section>;

export interface ReadableRecord {
  /** As written: relative to the apex, or `@`. */
  readonly owner: string;
  readonly path: Path;
  readonly record: RecordConfiguration;
}

export interface ReadableZone {
  /** As written. */
  readonly apex: string;
  /** Those that are there, also what could not be read behind them. */
  readonly keys: readonly string[];
  readonly soa: ZoneConfiguration['soa'];
  readonly ns: ZoneConfiguration['ns'];
  /** Of its zone file; undefined when it has none. */
  readonly source: ZoneSource | undefined;
  readonly records: readonly ReadableRecord[];
}

/** An entry of a list, and where it stands. */
export interface ReadableEntry<Entry> {
  readonly entry: Entry;
  readonly path: Path;
}

export interface Unreadable {
  readonly path: Path;
  readonly written: unknown;
}

export interface ReadableParts {
  readonly nouns: Nouns;
  readonly zones: readonly ReadableZone[];
  readonly maintenance: readonly ReadableEntry<MaintenanceConfiguration>[];
  readonly overrides: readonly ReadableEntry<ConfiguredOverride>[];
  /** Undefined: they could not be read. */
  readonly guards: GuardsConfiguration | undefined;
  /** Nouns of `SECTIONS` and records whose shape is wrong, as they were written. */
  readonly unreadable: readonly Unreadable[];
  /** Names that are there, also those that could not be read; `any`: the section could not be, any may be right. */
  readonly names: Readonly<Record<Section, readonly string[] | 'any'>>;
}

/** All of a configuration that names no files any more. */
export function partsOf(configuration: Configuration): ReadableParts {
  return {
    nouns: configuration,
    zones: Object.entries(configuration.zones).map(([apex, zone]) => ({
      apex,
      keys: Object.keys(zone),
      soa: zone.soa,
      ns: zone.ns,
      source: readZoneSource(apex, zone),
      records: Object.entries(zone.records).flatMap(([owner, content]) =>
        readableRecords(apex, owner, content),
      ),
    })),
    maintenance: entriesOf('maintenance', configuration.maintenance),
    overrides: entriesOf('overrides', configuration.overrides),
    guards: configuration.guards,
    unreadable: [],
    names: {
      vantages: Object.keys(configuration.vantages),
      monitors: Object.keys(configuration.monitors),
      targets: Object.keys(configuration.targets),
      pools: Object.keys(configuration.pools),
      policies: Object.keys(configuration.policies),
    },
  };
}

function entriesOf<Entry>(section: string, entries: readonly Entry[]): ReadableEntry<Entry>[] {
  return entries.map((entry, index) => ({ entry, path: [section, index] }));
}

function readableRecords(
  apex: string,
  owner: string,
  content: RecordConfiguration | RecordConfiguration[],
): ReadableRecord[] {
  const path = ['zones', apex, 'records', owner];
  if (!Array.isArray(content)) return [{ owner, path, record: content }];
  return content.map((record, index) => ({ owner, path: [...path, index], record }));
}
