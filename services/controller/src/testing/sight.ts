/** What a verdict rests on, of a fleet alone; for tests. */
import type { Fleet } from '../fleet/fleet.ts';
import { votersOf } from '../fleet/voters.ts';
import type { Sight } from '../verdict/judge-pair.ts';

export function sightOf(fleet: Fleet, nowMs: number, disbelieved: readonly string[] = []): Sight {
  return {
    voters: votersOf(fleet, nowMs),
    disbelieved: new Set(disbelieved),
    heartbeats: new Map(),
    hearingSinceMs: 0,
    childOf: () => undefined,
  };
}
