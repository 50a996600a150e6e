/**
 * How a pool is steered by load, as the next leader needs it: stored beside the verdicts under `_load.<pool>`. What
 * the loads themselves are, it hears within seconds; how many clients were sent elsewhere it could only guess.
 */
import * as z from 'zod';

import { nameSchema } from './names.ts';

/** By pool: parts of a thousand. */
const sharesSchema = z.record(nameSchema, z.number().int().min(0));

export const storedLoadSchema = z.object({
  pool: nameSchema,
  /** The share of its clients that it keeps. */
  keep: z.number().min(0).max(1),
  /** Where the others go. Absent: not known. */
  room: sharesSchema.optional(),
  /** Where all of them go when it is down. */
  spill: sharesSchema.optional(),
});
export type StoredLoad = z.output<typeof storedLoadSchema>;

/** Key in `signpost_verdicts`. No pair has it: names hold no underscore. */
export function loadKey(pool: string): string {
  return `${LOAD_KEYS}${pool}`;
}

export const LOAD_KEYS = '_load.';
