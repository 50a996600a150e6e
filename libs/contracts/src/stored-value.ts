/**
 * Text of the record store to checked values and back, once for all adapters of the record store port.
 * It must not decide what to do with a value that was refused: it throws, naming the place.
 */
import * as z from 'zod';

import { checkValue, decodeJson } from './decode.ts';
import { publicationSchema, type Publication } from './publication.ts';
import { StoreError } from './record-store.ts';

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
