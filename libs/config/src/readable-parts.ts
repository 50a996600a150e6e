/**
 * The parts of a configuration whose shape is right, as far as they could be read: what reference checks work on.
 * Data alone; decides nothing.
 */
import type {
  Configuration,
  GuardsConfiguration,
  RecordConfiguration,
  ZoneConfiguration,
} from '@signpost/contracts/configuration';

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
  readonly soa: ZoneConfiguration['soa'] | undefined;
  readonly ns: ZoneConfiguration['ns'] | undefined;
  readonly records: readonly ReadableRecord[];
}

export interface ReadableParts {
  readonly nouns: Nouns;
  readonly zones: readonly ReadableZone[];
  /** Undefined: they could not be read. */
  readonly guards: GuardsConfiguration | undefined;
  /** Names that are there, also those that could not be read; `any`: the section could not be, any may be right. */
  readonly names: Readonly<Record<Section, readonly string[] | 'any'>>;
}

/** All of a configuration. */
export function partsOf(configuration: Configuration): ReadableParts {
  return {
    nouns: configuration,
    zones: Object.entries(configuration.zones).map(([apex, { soa, ns, records }]) => ({
      apex,
      soa,
      ns,
      records: Object.entries(records).flatMap(([owner, content]) => readableRecords(apex, owner, content)),
    })),
    guards: configuration.guards,
    names: {
      vantages: Object.keys(configuration.vantages),
      monitors: Object.keys(configuration.monitors),
      targets: Object.keys(configuration.targets),
      pools: Object.keys(configuration.pools),
      policies: Object.keys(configuration.policies),
    },
  };
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
