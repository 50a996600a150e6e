/**
 * Text of the record store to checked values and back, once for all adapters of the record store port.
 * It must not decide what to do with a value that was refused: it throws, naming the place.
 */
import * as z from 'zod';

import { checkValue, decodeJson } from './decode.ts';
import { keys } from './keys.ts';
import { publicationSchema, type Publication } from './publication.ts';
import { recordSetSchema, zoneFactsSchema, type RecordSet } from './record-set.ts';
import { type ReadZone, StoreError, type StoredZone } from './record-store.ts';

/** `place` is the key, and the field within it: `{signpost}:zone:example.com www.example.com|A`. */
export function decodeStored<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  place: string,
): z.output<Schema> {
  const decoded = decodeJson(schema, text);
  if (!decoded.ok) throw new StoreError(`${place}: ${decoded.reason}`);
  return decoded.value;
}

/** A zone as text: '' for facts that are not there yet, and record sets by `owner|TYPE`. */
export interface StoredZoneText {
  readonly apex: string;
  readonly facts: string;
  readonly recordSets: Iterable<readonly [field: string, text: string]>;
}

/** For a reader, as `RecordReader.readZones` says. Throws `StoreError`. */
export function decodeReadZone({ apex, facts, recordSets }: StoredZoneText): ReadZone {
  return {
    apex,
    facts: facts === '' ? undefined : decodeStored(zoneFactsSchema, facts, `${keys.zones} ${apex}`),
    recordSets: decodeRecordSets(apex, recordSets),
  };
}

function* decodeRecordSets(
  apex: string,
  recordSets: StoredZoneText['recordSets'],
): Generator<readonly [field: string, set: RecordSet]> {
  for (const [field, text] of recordSets) {
    const decoded = decodeJson(recordSetSchema, text);
    if (!decoded.ok) throw new StoreError(`${keys.zone(apex)} ${field}: ${decoded.reason}`);
    yield [field, decoded.value];
  }
}

/** For the writer, as `RecordWriter.readAll` says. */
export function decodeStoredZone(zone: StoredZoneText): StoredZone {
  const recordSets = new Map<string, RecordSet>();
  const refused: string[] = [];
  for (const [field, text] of zone.recordSets) {
    const decoded = decodeJson(recordSetSchema, text);
    if (decoded.ok) recordSets.set(field, decoded.value);
    else refused.push(field);
  }
  const facts = zone.facts === '' ? undefined : decodeJson(zoneFactsSchema, zone.facts);
  return {
    facts: facts?.ok === true ? facts.value : undefined,
    recordSets,
    ...(refused.length === 0 ? {} : { unreadable: refused }),
  };
}

/** Throws `StoreError` for what no reader could decode, before anything is written. */
export function encodePublication(publication: Publication): string {
  const checked = checkValue(publicationSchema, publication);
  if (!checked.ok) throw new StoreError(`publication ${publication.generation}: ${checked.reason}`);
  if (publication.generation <= publication.base) {
    throw new StoreError(`publication ${publication.generation}: not above its base ${publication.base}`);
  }
  return JSON.stringify(publication);
}

/** The writer's tick: its wall clock. */
export const tickSchema = z.object({ atMs: z.number().int().nonnegative() });
