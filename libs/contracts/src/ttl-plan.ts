/** How long answers of a steered record may be cached, by how well its targets are. Shape only. */
import * as z from 'zod';

import { durationSchema } from './duration.ts';
import { ttlSchema } from './record-set.ts';

export const SETTLE_MS = 60_000;

/**
 * `stable` while all is well, `suspect` while a target of the policy is suspect and for `settle` after one changed;
 * both at least `floor`. In seconds; `settle` is a duration, milliseconds in the code.
 */
export const ttlPlanSchema = z
  .union([
    ttlSchema.transform((ttl) => ({ stable: ttl, suspect: ttl, floor: 0, settle: 0 })),
    z.strictObject({
      stable: ttlSchema,
      suspect: ttlSchema.default(10),
      floor: ttlSchema.default(5),
      settle: durationSchema.default(SETTLE_MS),
    }),
  ])
  .meta({ description: 'Seconds, or { stable, suspect, floor, settle }.' });
export type TtlPlan = z.output<typeof ttlPlanSchema>;

export const DEFAULT_TTL: TtlPlan = { stable: 30, suspect: 10, floor: 5, settle: SETTLE_MS };
