/** A rule of a policy none of whose pools is healthy now, and what the names that follow it are answered all the same. */
import * as z from 'zod';

export const unhealthyRuleSchema = z.object({
  policy: z.string(),
  /** From 0, in the order of the configuration. */
  rule: z.number().int().min(0),
  /** What is done about it. */
  standing: z.enum(['fail_open', 'last_healthy', 'fallback', 'nodata', 'servfail']),
  /** Answered though no pool is healthy; empty: nothing is. */
  targets: z.array(z.string()),
  /** The first of the names that the policy steers, and how many there are. */
  names: z.array(z.string()),
  nameCount: z.number().int().min(1),
});
export type UnhealthyRule = z.output<typeof unhealthyRuleSchema>;

/** Names that are shown of a policy. */
export const MOST_NAMES_SHOWN = 3;

const WHAT_THEN = {
  fail_open: 'fail_open',
  last_healthy: 'last_healthy',
  fallback: 'fallback',
  nodata: 'no answer (NODATA)',
  servfail: 'SERVFAIL',
} as const;

/** `www.example.net (rule 1 of policy web): no pool is healthy now, so fail_open: answered with iad-1`. */
export function describeUnhealthy({
  policy,
  rule,
  standing,
  targets,
  names,
  nameCount,
}: UnhealthyRule): string {
  const more = nameCount > names.length ? ` and ${nameCount - names.length} more` : '';
  const answered = targets.length === 0 ? '' : `: answered with ${targets.join(', ')}`;
  return `${names.join(', ')}${more} (rule ${rule + 1} of policy ${policy}): no pool is healthy now, so ${WHAT_THEN[standing]}${answered}`;
}
