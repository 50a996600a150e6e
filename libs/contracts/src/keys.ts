/**
 * Every Redis key of Signpost. One hash tag, so that they also fit a cluster slot.
 * Held to `docs/subjects-and-keys.md` by a test. No other file spells a key.
 */

export const keys = {
  /** Hash: `owner|TYPE` -> record set JSON. */
  zone: (apex: string) => `{signpost}:zone:${apex}`,
  /** Hash: apex -> zone facts JSON. */
  zones: '{signpost}:zones',
  /** String: the generation of the last publication. */
  generation: '{signpost}:generation',
  /** String: fencing token of the last writer, `<bucket creation ms>:<revision>`. */
  writer: '{signpost}:writer',
  /** Stream: one entry per publication, bounded. */
  changes: '{signpost}:changes',
  /** String: the leader's tick, JSON. */
  controller: '{signpost}:controller',
  /** String: round trips between clients and targets, as `stored-latencies.ts` lays them out. */
  latency: '{signpost}:latency',
} as const;

/** Publications kept in the change stream, at most; a reader further behind reads everything anew. */
export const CHANGES_KEPT = 10_000;
const FEWEST_CHANGES_KEPT = 16;
/** About how much the change stream may hold, so that large publications do not fill Redis. */
const CHANGES_OCTETS = 64 * 1024 * 1024;

/** How many publications to keep when one of this size is added. */
export function changesToKeep(publicationOctets: number): number {
  const fitting = Math.floor(CHANGES_OCTETS / Math.max(1, publicationOctets));
  return Math.min(CHANGES_KEPT, Math.max(FEWEST_CHANGES_KEPT, fitting));
}

/** Most record sets that one publication may change, so that the script stays short. */
export const MAX_CHANGES_PER_PUBLICATION = 1_000;

export function recordSetField(owner: string, type: string): string {
  return `${owner}|${type}`;
}

/** Splits at the last bar, since an owner name may hold one and a type never does. */
export function parseRecordSetField(field: string): { owner: string; type: string } {
  const bar = field.lastIndexOf('|');
  return { owner: field.slice(0, bar), type: field.slice(bar + 1) };
}
