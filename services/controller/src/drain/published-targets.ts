/**
 * What was published with each target: the TTLs of the record sets that hold it, until when, and since which
 * generation none does. From it follows how long caches may keep an answer. Pure; grows with targets, not with time.
 */
import type { RecordSet } from '@signpost/contracts/record-set';
import type { StoredRecords, StoredZone } from '@signpost/contracts/record-store';

export interface PublishedTarget {
  readonly isPresent: boolean;
  /** By TTL in seconds: until when sets with it were published so, wall clock; infinite while they are. */
  readonly ttls: ReadonlyMap<number, number>;
  /** First generation that was seen without it. */
  readonly goneSince: number | undefined;
}

export interface PublishedTargets {
  readonly records: StoredRecords | undefined;
  readonly targets: ReadonlyMap<string, PublishedTarget>;
}

export const NOTHING_PUBLISHED: PublishedTargets = { records: undefined, targets: new Map() };

/** What can be in no cache any more is remembered so much longer, for slow authorities. */
const KEPT_MS = 3_600_000;

export function notePublished(
  before: PublishedTargets,
  records: StoredRecords | undefined,
  wallMs: number,
): PublishedTargets {
  if (records === undefined || records === before.records) return before;
  const present = presentTtls(records);
  const targets = new Map<string, PublishedTarget>();
  for (const target of new Set([...before.targets.keys(), ...present.keys()])) {
    const next = note(before.targets.get(target), present.get(target), records.generation, wallMs);
    if (next.ttls.size > 0) targets.set(target, next);
  }
  return { records, targets };
}

function note(
  before: PublishedTarget | undefined,
  present: ReadonlySet<number> | undefined,
  generation: number,
  wallMs: number,
): PublishedTarget {
  const ttls = new Map<number, number>();
  for (const [ttl, untilMs] of before?.ttls ?? []) {
    const endMs = Math.min(untilMs, wallMs);
    if (endMs + ttl * 1_000 + KEPT_MS > wallMs) ttls.set(ttl, endMs);
  }
  for (const ttl of present ?? []) ttls.set(ttl, Number.POSITIVE_INFINITY);
  const isPresent = present !== undefined;
  const goneSince = isPresent ? undefined : before?.isPresent === true ? generation : before?.goneSince;
  return { isPresent, ttls, goneSince };
}

/** TTLs of the sets that hold each target. */
function presentTtls({ zones }: StoredRecords): ReadonlyMap<string, ReadonlySet<number>> {
  const found = new Map<string, Set<number>>();
  for (const zone of zones.values()) {
    for (const [target, ttls] of ttlsOfZone(zone)) {
      const known = found.get(target) ?? new Set();
      found.set(target, known);
      for (const ttl of ttls) known.add(ttl);
    }
  }
  return found;
}

/** A zone that a publication does not touch stays the same object. */
const zonesLookedAt = new WeakMap<StoredZone, ReadonlyMap<string, ReadonlySet<number>>>();

function ttlsOfZone(zone: StoredZone): ReadonlyMap<string, ReadonlySet<number>> {
  const known = zonesLookedAt.get(zone);
  if (known !== undefined) return known;
  const found = new Map<string, Set<number>>();
  for (const set of zone.recordSets.values()) {
    for (const target of targetsOf(set)) {
      const ttls = found.get(target);
      if (ttls === undefined) found.set(target, new Set([set.ttl]));
      else ttls.add(set.ttl);
    }
  }
  zonesLookedAt.set(zone, found);
  return found;
}

export function* targetsOf(set: RecordSet): Generator<string> {
  if (set.kind === 'static') return;
  for (const { answers } of set.groups) for (const { target } of answers) yield target;
}
