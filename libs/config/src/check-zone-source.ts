/**
 * Where a zone's SOA and name servers come from: its zone file, or `soa` and `ns`, and never both. With them all
 * mistakes of the zone file itself, each at its place there.
 */
import type { ZoneMistake } from '@signpost/dns/zone-file/zone-record';

import type { ReadableZone } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';

export function checkZoneSource({ apex, keys, source }: ReadableZone): ReferenceMistake[] {
  const path = ['zones', apex];
  const key = keys.includes('file') ? 'file' : 'text';
  const has = keys.includes(key);
  const brought = (['soa', 'ns', 'ns_ttl'] as const).flatMap((name) => {
    if (keys.includes(name) === !has || (name === 'ns_ttl' && !has)) return [];
    const message = has
      ? `${name} comes from the zone file; remove it here, or ${key}`
      : `missing; add ${name}, ${name === 'soa' ? 'an object' : 'a list'}, or file with a zone file that has it`;
    return [{ path: [...path, name], message, atKey: true as const }];
  });
  const both = keys.includes('file') && keys.includes('text');
  return [
    ...(both
      ? [
          {
            path: [...path, 'text'],
            message: 'file and text exclude each other; keep one',
            atKey: true as const,
          },
        ]
      : []),
    ...brought,
    ...(source?.unreadable === undefined
      ? []
      : [{ path: [...path, 'file'], message: source.unreadable, atKey: true as const }]),
    ...(source?.mistakes ?? []).map((mistake) => ({
      ...sourceNote(source!.key, mistake),
      path: [...path, key],
    })),
  ];
}

/** A note on a zone file: at its place there, or for a text, which has no file, with its line in the message. */
export function sourceNote(
  key: 'file' | 'text',
  { file, line, column, message }: ZoneMistake,
): Pick<ReferenceMistake, 'message' | 'place'> {
  if (key === 'file') return { message, place: { file, line: Math.max(1, line), column } };
  return { message: line === 0 ? message : `line ${line}:${column}: ${message}` };
}
