/** The signed names of a record's targets, as the controller's API lists them. */
import * as z from 'zod';

export const affinityListSchema = z.object({
  /** Canonical text, as all names here. */
  owner: z.string(),
  zone: z.string(),
  targets: z.array(
    z.object({
      target: z.string(),
      /** That of the first secret, which is the one to give out, first. */
      names: z.array(z.string()),
    }),
  ),
});
export type AffinityList = z.output<typeof affinityListSchema>;
