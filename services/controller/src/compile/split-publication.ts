/**
 * H10: the changes of all zones -> publications, each small enough for one atomic step and each based on the one
 * before. A zone's facts move with its last change, so a reader never serves half of a new zone. Pure.
 */
import { nextGeneration, type Generation } from '@signpost/contracts/brands';
import { MAX_CHANGES_PER_PUBLICATION } from '@signpost/contracts/keys';
import type { Publication, RecordChange } from '@signpost/contracts/publication';
import type { ZoneFacts } from '@signpost/contracts/record-set';
import type { StoredRecords, StoredZone } from '@signpost/contracts/record-store';

import type { ZoneDiff } from './diff-zone.ts';

export interface PublicationFrame {
  readonly base: Generation;
  /** Highest generation met; above `base` after a store was wiped. */
  readonly newest: Generation;
  readonly atMs: number;
  readonly why: readonly string[];
}

interface Part {
  readonly changes: RecordChange[];
  readonly zones: Record<string, ZoneFacts | null>;
}

/** Empty when nothing differs. */
export function splitPublication(diffs: readonly ZoneDiff[], frame: PublicationFrame): Publication[] {
  let { base, newest } = frame;
  return partsOf(diffs).map(({ changes, zones }) => {
    const generation = nextGeneration(base > newest ? base : newest, frame.atMs);
    const publication = {
      base,
      generation,
      atMs: Math.floor(frame.atMs),
      why: [...frame.why],
      changes,
      zones,
    };
    base = generation;
    newest = generation;
    return publication;
  });
}

/** What the store holds once it has taken the publication. */
export function applyPublication(stored: StoredRecords, publication: Publication): StoredRecords {
  const zones = new Map(stored.zones);
  const touched = new Map<string, Map<string, NonNullable<RecordChange['after']>>>();
  for (const change of publication.changes) {
    const sets = touched.get(change.zone) ?? new Map(zones.get(change.zone)?.recordSets);
    touched.set(change.zone, sets);
    const field = `${change.owner}|${change.type}`;
    if (change.after === null) sets.delete(field);
    else sets.set(field, change.after);
  }
  for (const [apex, recordSets] of touched) zones.set(apex, { facts: zones.get(apex)?.facts, recordSets });
  for (const [apex, facts] of Object.entries(publication.zones)) {
    if (facts === null) zones.delete(apex);
    else zones.set(apex, { facts, recordSets: zones.get(apex)?.recordSets ?? NO_RECORD_SETS });
  }
  return { generation: publication.generation, zones };
}

const NO_RECORD_SETS: StoredZone['recordSets'] = new Map();

function partsOf(diffs: readonly ZoneDiff[]): Part[] {
  const parts: Part[] = [];
  let part: Part | undefined;
  const room = () => {
    if (part === undefined || part.changes.length >= MAX_CHANGES_PER_PUBLICATION) {
      part = { changes: [], zones: {} };
      parts.push(part);
    }
    return part;
  };
  for (const { apex, changes, facts } of diffs) {
    for (const change of changes) room().changes.push(change);
    // Facts belong to the part of the zone's last change, also when that part is full.
    const last = changes.length > 0 && part !== undefined ? part : room();
    last.zones[apex] = facts;
  }
  return parts;
}
