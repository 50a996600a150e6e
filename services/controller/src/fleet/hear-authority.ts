/**
 * How far an authority is, by its heartbeats: one that was sent before the last publication proves nothing, so an
 * authority is behind only once several in a row say the same old generation. Pure.
 */
import {
  type AuthorityHeartbeat,
  type AuthorityProgress,
  FRESH_FOR_MS,
  HEARTBEAT_INTERVAL_MS,
} from '@signpost/contracts/heartbeats';

export interface HeardAuthority {
  readonly beat: AuthorityHeartbeat;
  /** Monotonic. */
  readonly heardAtMs: number;
  /** The first heartbeat that said this generation while a newer one was out, monotonic; absent: none did. */
  readonly oldSinceMs?: number;
}

/** `published`: the generation that the store holds now. */
export function hearAuthority(
  before: HeardAuthority | undefined,
  { beat, heardAtMs }: Pick<HeardAuthority, 'beat' | 'heardAtMs'>,
  published: number,
): HeardAuthority {
  if (beat.generation >= published) return { beat, heardAtMs };
  const isSame = before?.beat.generation === beat.generation;
  return { beat, heardAtMs, oldSinceMs: (isSame ? before.oldSinceMs : undefined) ?? heardAtMs };
}

/** So long the same old generation is no news: heartbeats are taken up to a round after they were heard. */
const APPLYING_MS = 2 * HEARTBEAT_INTERVAL_MS;

export function progressOf(
  { beat, heardAtMs, oldSinceMs = heardAtMs }: HeardAuthority,
  published: number,
  monotonicMs: number,
): AuthorityProgress {
  if (monotonicMs - heardAtMs > FRESH_FOR_MS) return 'silent';
  if (beat.generation >= published) return 'current';
  return heardAtMs - oldSinceMs >= APPLYING_MS ? 'behind' : 'applying';
}
