/**
 * Zone files of octoDNS as a configuration: static records as they are, `dynamic` ones as policies, health checks as
 * monitors. What cannot be said here, or only otherwise, is remarked. Pure.
 *
 *   files ──read──> records by zone and owner ──static──> values
 *                                             └─dynamic─> targets, pools, policy
 */
import { NameError } from '@signpost/dns/errors';
import { formatName, parseName } from '@signpost/dns/name-text';

import type { Mistake } from '../../check-configuration.ts';
import { relativeOwner } from '../canonical-names.ts';
import { finishImport, type Imported } from '../finish-import.ts';
import { type ImportFile, type ImportSource, mistakeAt, readSources } from '../import-source.ts';
import { NounDraft } from '../noun-draft.ts';
import { readShape } from '../read-shape.ts';
import { Remarks } from '../remark.ts';
import { ZoneDraft, type ZoneSettings } from '../zone-draft.ts';
import { toAsciiHost } from './ascii-names.ts';
import { addDynamicRecords } from './dynamic-records.ts';
import { mergedKeys } from './merged-keys.ts';
import type { OctodnsEntry, OctodnsZone } from './octodns-entry.ts';
import { remarkOptions } from './record-options.ts';
import { recordShape } from './record-shape.ts';
import { addStaticRecord } from './static-records.ts';

export interface OctodnsOptions extends ZoneSettings {
  /** Apex of all files; absent: each file is the zone that its name says, as octoDNS has it. */
  readonly origin?: string;
}

export function importOctodns(files: readonly ImportFile[], options: OctodnsOptions = {}): Imported {
  const { sources, mistakes } = readSources(files);
  const reading: Reading = {
    mistakes: [...mistakes],
    remarks: new Remarks(),
    nouns: new NounDraft(),
    zones: new Map(),
  };
  for (const source of sources) readFile(source, options.origin, reading);
  if (reading.mistakes.length > 0) return { ok: false, mistakes: reading.mistakes };
  for (const { zone, owners } of reading.zones.values()) {
    for (const entries of owners.values()) addOwner(entries, zone);
  }
  const zones = [...reading.zones.values()].map(({ zone, source }) => ({
    zone: zone.draft,
    place: source.placeOf([], zone.draft.apex),
  }));
  const { nouns, remarks } = reading;
  return finishImport({ nouns, zones, remarks, files: files.map(({ name }) => name) }, options);
}

interface Reading {
  readonly mistakes: Mistake[];
  readonly remarks: Remarks;
  readonly nouns: NounDraft;
  /** By apex. */
  readonly zones: Map<string, ReadZone>;
}

interface ReadZone {
  readonly zone: OctodnsZone;
  /** The first file. */
  readonly source: ImportSource;
  readonly owners: Map<string, OctodnsEntry[]>;
}

function readFile(source: ImportSource, origin: string | undefined, reading: Reading): void {
  const refuse = (message: string): void => {
    reading.mistakes.push(mistakeAt(source.placeOf([], ''), message));
  };
  const apex = canonical(origin ?? zoneOfFile(source.file) ?? '');
  if (apex === undefined) return refuse('the file name does not say which zone it is; give --origin');
  const value = mergedKeys(source.value ?? {});
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('a zone is a mapping of names to records');
  }
  const zone = reading.zones.get(apex)?.zone ?? newZone(apex, reading);
  const read = reading.zones.get(apex) ?? { zone, source, owners: new Map() };
  reading.zones.set(apex, read);
  for (const [name, content] of Object.entries(value as Record<string, unknown>)) {
    const records: readonly unknown[] = Array.isArray(content) ? content : [content];
    for (const [index, record] of records.entries()) {
      const path = Array.isArray(content) ? [name, index] : [name];
      readRecord({ source, path, name, record }, read, reading);
    }
  }
}

function newZone(apex: string, { remarks, nouns }: Reading): OctodnsZone {
  return { draft: new ZoneDraft(apex, remarks), nouns, remarks, steeredOwners: new Set() };
}

interface WrittenRecord {
  readonly source: ImportSource;
  readonly path: readonly (string | number)[];
  readonly name: string;
  readonly record: unknown;
}

function readRecord({ source, path, name, record }: WrittenRecord, read: ReadZone, reading: Reading): void {
  const { apex } = read.zone.draft;
  const type = (record as { type?: unknown } | null)?.type;
  const shown = name === '' ? apex : `${name}.${apex}`;
  const subject = typeof type === 'string' ? `${shown} ${type}` : shown;
  const shape = readShape(recordShape, record, path, subject, { source, ...reading });
  if (shape === undefined) return;
  const owner = ownerOf(name, apex);
  if (owner.problem !== undefined) {
    reading.mistakes.push(mistakeAt(source.placeOf(path, subject), owner.problem));
    return;
  }
  const entries = read.owners.get(owner.text) ?? [];
  read.owners.set(owner.text, entries);
  if (entries.some(({ record: other }) => other.type === shape.type)) {
    const message = `there are ${shape.type} records at this name already; octoDNS takes one with several values`;
    reading.mistakes.push(mistakeAt(source.placeOf(path, subject), message));
    return;
  }
  const placeOf: OctodnsEntry['placeOf'] = (...below) => source.placeOf([...path, ...below], subject);
  entries.push({ owner: owner.text, record: shape, placeOf });
  const isSteered = shape.dynamic !== undefined && shape.octodns?.ignored !== true;
  if (isSteered && /^A(AAA)?$/.test(shape.type)) read.zone.steeredOwners.add(owner.text);
}

function ownerOf(name: string, apex: string): { text: string; problem?: undefined } | { problem: string } {
  if (name === '') return { text: '@' };
  try {
    return { text: relativeOwner(`${toAsciiHost(name)}.${apex}`, apex)! };
  } catch (error) {
    if (error instanceof NameError) return { problem: error.message };
    throw error;
  }
}

function addOwner(all: readonly OctodnsEntry[], zone: OctodnsZone): void {
  const entries = all.filter((entry) => remarkOptions(entry, zone.remarks));
  const dynamic = entries.filter(({ record }) => record.dynamic !== undefined);
  addDynamicRecords(dynamic, zone);
  for (const entry of entries) if (entry.record.dynamic === undefined) addStaticRecord(entry, zone);
}

/** octoDNS calls a file by its zone: `zones/example.net.yaml`. */
function zoneOfFile(file: string): string | undefined {
  return /([^/]+?)\.?\.ya?ml$/.exec(file)?.[1];
}

function canonical(apex: string): string | undefined {
  try {
    return apex === '' ? undefined : formatName(parseName(toAsciiHost(apex)));
  } catch (error) {
    if (error instanceof NameError) return undefined;
    throw error;
  }
}
