/**
 * Answers as authorities sample them: `signpost.answers.sampled.<zone>`, core NATS, each second. Each sample stands for
 * `weight` answers, so counts are sums of weights. Enough of the query is told to choose anew under another
 * configuration; of who asked, no more than a network.
 */
import * as z from 'zod';

import type { EventKind } from './cloud-event.ts';
import { nameSchema } from './names.ts';
import { ttlSchema } from './record-set.ts';
import { MAX_SAMPLED_TARGETS } from './sampled-bounds.ts';

/** Samples of one event; what is more comes in further ones. Keeps an event far below the limit of a message. */
export const MAX_SAMPLES_PER_EVENT = 250;

const prefixSchema = z.string().max(64);

export const answerSampleSchema = z.object({
  /** Wall clock of the node when the query came. */
  atMs: z.number().int().nonnegative(),
  /** Of the record set that steered: canonical text, the wildcard itself where one answered. */
  owner: z.string().min(1).max(1024),
  /** As asked: `A`, `HTTPS`, `TYPE65280`. */
  type: z.string().min(1).max(16),
  policy: nameSchema,
  pool: nameSchema,
  /** First given first. */
  targets: z.array(nameSchema).min(1).max(MAX_SAMPLED_TARGETS),
  /** Network of whoever sent the query, such as `192.0.2.0/24`; behind a balancer that is believed, of its client. */
  resolver: prefixSchema,
  /** Network of EDNS Client Subnet, when it had one: that steered. Absent: `resolver` did. */
  client: prefixSchema.optional(),
  /** How many bits of the address steering knew, at most so many as the address has. */
  sourceLength: z.number().int().min(0).max(128),
  /** As told to the resolver; 0 without `client`. */
  scope: z.number().int().min(0).max(255),
  ttl: ttlSchema,
  /** How many answers it stands for. */
  weight: z
    .number()
    .int()
    .min(1)
    .max(2 ** 31),
});
export type AnswerSample = z.output<typeof answerSampleSchema>;

export const answersSampledSchema = z.object({
  /** Apex, canonical text. */
  zone: z.string().min(1).max(1024),
  node: nameSchema,
  samples: z.array(answerSampleSchema).min(1).max(MAX_SAMPLES_PER_EVENT),
});
export type AnswersSampled = z.output<typeof answersSampledSchema>;

export const answersSampled: EventKind<typeof answersSampledSchema> = {
  type: 'signpost.answers.sampled.v1',
  schema: answersSampledSchema,
};
