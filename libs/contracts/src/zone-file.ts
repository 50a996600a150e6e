/** A zone as a zone file, as the API answers it to `signpost export bind`. */
import * as z from 'zod';

export const zoneFileSchema = z.object({
  /** Canonical text. */
  zone: z.string(),
  text: z.string(),
});
