/**
 * One prober's first failure, told to all probers on core NATS, so that every vantage looks at once. It asks and
 * proves nothing: what each finds goes its usual way as a report, and a message that is lost only costs time.
 */
import * as z from 'zod';

import type { EventKind } from './cloud-event.ts';
import { nameSchema } from './names.ts';

export const probeNowSchema = z.object({
  monitor: nameSchema,
  target: nameSchema,
  /** Who asks; it looks again without being asked. */
  vantage: nameSchema,
  prober: nameSchema,
});

export const probeAsked: EventKind<typeof probeNowSchema> = {
  type: 'signpost.probe.asked.v1',
  schema: probeNowSchema,
};
