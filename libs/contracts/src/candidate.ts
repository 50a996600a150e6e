/**
 * A candidate: a configuration that is not applied, compared with the one that is, by the answers that were truly given
 * a moment ago. What the API tells of it. Shape only.
 */
import * as z from 'zod';

const nameChangeSchema = z.object({
  zone: z.string(),
  owner: z.string(),
  type: z.string(),
  /** `empties`: some client would get no answer by a rule that has one now. */
  change: z.enum(['added', 'removed', 'changed', 'empties']),
});

const moveSchema = z.object({
  owner: z.string(),
  type: z.string(),
  /** Target; null: no answer. */
  from: z.string().nullable(),
  to: z.string().nullable(),
  /** Of the answers sampled for all names, 0 to 1. */
  share: z.number(),
});
export type Move = z.output<typeof moveSchema>;

export const comparisonSchema = z.object({
  /** Record sets that would differ; those beyond the first 1,000 are only counted. */
  names: z.array(nameChangeSchema),
  namesCut: z.number().int(),
  /** Answers that the comparison of clients rests on: samples, and how many they stand for. */
  samples: z.number().int(),
  answers: z.number(),
  /** Share of them that would have gone elsewhere, and that would have been empty. */
  moved: z.number(),
  emptied: z.number(),
  /** Who moves where, the largest first, at most 1,000. */
  moves: z.array(moveSchema),
  /** Share of the answers by target, now and by the candidate. */
  targets: z.array(z.object({ target: z.string(), now: z.number(), by: z.number() })),
});
export type Comparison = z.output<typeof comparisonSchema>;

export const candidateSchema = z.object({
  /** SHA-256 of the configuration: what `promote` names. */
  hash: z.string(),
  atMs: z.number().int(),
  comparison: comparisonSchema,
});
export type Candidate = z.output<typeof candidateSchema>;
