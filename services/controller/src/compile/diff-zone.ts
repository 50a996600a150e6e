/**
 * H10: what is stored against what was compiled -> the changes that make them equal, and the facts that move.
 * Pure. A zone's serial grows when anything of the zone changes and only then.
 */
import { isDeepStrictEqual } from 'node:util';

import { parseRecordSetField } from '@signpost/contracts/keys';
import type { RecordChange } from '@signpost/contracts/publication';
import type { RecordSet, ZoneFacts } from '@signpost/contracts/record-set';
import type { StoredZone } from '@signpost/contracts/record-store';

import type { CompiledZone, CompiledZones } from './compile-zone.ts';

export interface ZoneDiff {
  readonly apex: string;
  readonly changes: readonly RecordChange[];
  /** null: the zone is gone. */
  readonly facts: ZoneFacts | null;
}

export interface DiffOptions {
  readonly wallMs: number;
  /** Serials given earlier, should the store have forgotten them: a serial never goes back. */
  readonly serials: ReadonlyMap<string, number>;
}

/** One entry per zone that differs, in the order of their names; zones without configuration are removed. */
export function diffZones(
  stored: ReadonlyMap<string, StoredZone>,
  compiled: CompiledZones,
  options: DiffOptions,
): ZoneDiff[] {
  const apexes = [...new Set([...stored.keys(), ...compiled.keys()])].toSorted();
  return apexes.flatMap((apex) => {
    const diff = diffZone(apex, stored.get(apex), compiled.get(apex), options);
    return diff === undefined ? [] : [diff];
  });
}

export function diffZone(
  apex: string,
  stored: StoredZone | undefined,
  compiled: CompiledZone | undefined,
  { wallMs, serials }: DiffOptions,
): ZoneDiff | undefined {
  const changes = diffRecordSets(
    apex,
    stored ?? NOTHING_STORED,
    compiled?.recordSets ?? NOTHING_STORED.recordSets,
  );
  if (compiled === undefined) return stored === undefined ? undefined : { apex, changes, facts: null };
  const before = stored?.facts?.soa;
  if (
    changes.length === 0 &&
    before !== undefined &&
    isDeepStrictEqual(withoutSerial(before), compiled.soa)
  ) {
    return undefined;
  }
  const serial = nextSerial(Math.max(before?.serial ?? 0, serials.get(apex) ?? 0), wallMs);
  return { apex, changes, facts: { soa: { ...compiled.soa, serial } } };
}

/** RFC 1035 section 3.3.13: 32 bits. After the last one it begins anew at 1, as RFC 1982 has it. */
export function nextSerial(previous: number, wallMs: number): number {
  const next = Math.max(previous + 1, Math.floor(wallMs / 1_000));
  return next > 0xffff_ffff ? 1 : next;
}

const NOTHING_STORED = { recordSets: new Map<string, RecordSet>() };

function diffRecordSets(
  apex: string,
  { recordSets: before, unreadable = [] }: Pick<StoredZone, 'recordSets' | 'unreadable'>,
  after: ReadonlyMap<string, RecordSet>,
): RecordChange[] {
  const changes: RecordChange[] = [];
  for (const field of [...new Set([...before.keys(), ...after.keys(), ...unreadable])].toSorted()) {
    const old = before.get(field);
    const next = after.get(field);
    // What cannot be decoded is written anew or deleted, or no reader could ever read the zone again.
    if (!unreadable.includes(field) && (old === next || isDeepStrictEqual(old, next))) continue;
    changes.push({ zone: apex, ...parseRecordSetField(field), before: old ?? null, after: next ?? null });
  }
  return changes;
}

function withoutSerial({ serial: _serial, ...rest }: ZoneFacts['soa']): Omit<ZoneFacts['soa'], 'serial'> {
  return rest;
}
