/**
 * Puts the text of zone files into the configuration in place of their paths, since whoever takes it from the store
 * has no such files: $INCLUDE and $GENERATE worked out, in the form of `format-zone-file.ts`.
 */
import { type ConfigurationInput, MAX_NOUN_OCTETS } from '@signpost/contracts/configuration';
import { formatZoneFile } from '@signpost/dns/zone-file/format-zone-file';

import { sourceNote } from './check-zone-source.ts';
import type { ReadableZone } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';

/** `input` of a configuration without mistakes; itself when it names no file. */
export function selfContained(input: ConfigurationInput, zones: readonly ReadableZone[]): ConfigurationInput {
  const filed = zones.filter(({ source }) => source?.key === 'file');
  if (filed.length === 0) return input;
  const texts = new Map(filed.map(({ apex, source }) => [apex, formatZoneFile(source!.records, apex)]));
  const entries = Object.entries(input.zones ?? {}).map(([apex, zone]) => {
    const text = texts.get(apex);
    if (text === undefined) return [apex, zone] as const;
    const { file: _file, ...rest } = zone;
    return [apex, { text, ...rest }] as const;
  });
  return { ...input, zones: Object.fromEntries(entries) };
}

/** Zones with a zone file that is too large for the store; `input` as `selfContained` made it. */
export function checkSizes(input: ConfigurationInput, zones: readonly ReadableZone[]): ReferenceMistake[] {
  return zones.flatMap(({ apex, source }) => {
    if (source === undefined) return [];
    const octets = new TextEncoder().encode(JSON.stringify(input.zones?.[apex])).length;
    if (octets <= MAX_NOUN_OCTETS) return [];
    const message = `the zone takes ${octets} octets in the store, which holds ${MAX_NOUN_OCTETS} of one; delegate a part of it to a zone of its own, or let the authorities serve the file themselves (SIGNPOST_ZONE)`;
    return [{ path: ['zones', apex, source.key], message, atKey: true as const }];
  });
}

export function zoneFileWarnings(zones: readonly ReadableZone[]): ReferenceMistake[] {
  return zones.flatMap(({ apex, source }) =>
    (source?.warnings ?? []).map((warning) => ({
      ...sourceNote(source!.key, warning),
      path: ['zones', apex, source!.key],
    })),
  );
}
