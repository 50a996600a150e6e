/** What an apply did, as the API answers it to `signpost apply`: how much came, went and changed, by noun. */
import * as z from 'zod';

export const NOUNS = ['zones', 'targets', 'pools', 'policies', 'monitors', 'vantages'] as const;
export type Noun = (typeof NOUNS)[number];

const countSchema = z.number().int().nonnegative();

export const configurationChangesSchema = z.object({
  /** Only nouns of which something came, went or changed. */
  nouns: z.partialRecord(
    z.enum(NOUNS),
    z.object({ added: countSchema, removed: countSchema, changed: countSchema }),
  ),
  /** Apexes; nothing of them is answered any more. */
  removedZones: z.array(z.string()),
});
export type ConfigurationChanges = z.output<typeof configurationChangesSchema>;

export const appliedSchema = z.object({
  revision: z.number().int(),
  /** False: what runs says the same already. */
  changed: z.boolean(),
  changes: configurationChangesSchema,
  /** A file that this controller follows: its next change replaces what was applied. */
  followedFile: z.string().optional(),
});
export type Applied = z.output<typeof appliedSchema>;
