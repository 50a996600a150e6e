/** How far a drain is, as one line. Pure. */
import type { Drain } from '@signpost/contracts/drain';

import { paint } from './print.ts';

const COLOURS = {
  none: 'gray',
  answering: 'red',
  applying: 'yellow',
  caching: 'yellow',
  empty: 'green',
} as const;

/** `eu-a  caching  last answer given at ..., caches empty at ...`. */
export function drawDrain({ target, phase, reason, ttlSeconds }: Drain): string {
  const ttl = ttlSeconds === undefined ? '' : ` (TTL ${ttlSeconds} s)`;
  return `${target}  ${paint(COLOURS[phase], phase)}  ${reason}${ttl}`;
}

/** The clock as it runs: `eu-a: caches may hold it for 12 s more`. */
export function describeDrain({ target, phase, reason, nowMs, cachesEmptyAtMs }: Drain): string {
  if (phase !== 'caching' || cachesEmptyAtMs === undefined) return `${target}: ${reason}`;
  const leftSeconds = Math.ceil((cachesEmptyAtMs - nowMs) / 1_000);
  return `${target}: caches may hold it for ${leftSeconds} s more`;
}
