/**
 * How the pool stands whose answers are given: healthy, or served, or withheld, though none is. What of it is told to
 * resolvers as an extended error (RFC 8914): code 0, since none of the registered ones says it, with a text.
 */
import type { AnswerGroup } from '@signpost/contracts/record-set';

/** By position: `healthy` is 0, and the others are counted. */
export const STANDINGS = [
  'healthy',
  'last_resort',
  'fail_open',
  'last_healthy',
  'fallback',
  'nodata',
  'servfail',
] as const satisfies readonly AnswerGroup['standing'][];

export const HEALTHY = 0;
export const SERVFAIL_STANDING = STANDINGS.indexOf('servfail');

const TEXTS: Readonly<Record<AnswerGroup['standing'], string>> = {
  healthy: '',
  last_resort: 'no pool is healthy enough: last_resort',
  fail_open: 'no pool serves: fail_open',
  last_healthy: 'no pool serves: last_healthy',
  fallback: 'no pool serves: fallback',
  nodata: 'no target serves: nodata',
  servfail: 'no pool serves: servfail',
};

/** UTF-8, prebuilt, by position in `STANDINGS`. */
export const STANDING_TEXTS: readonly Uint8Array[] = STANDINGS.map((standing) =>
  new TextEncoder().encode(TEXTS[standing]),
);

export function standingIndex(standing: AnswerGroup['standing']): number {
  return STANDINGS.indexOf(standing);
}
