/**
 * When time alone changes what is published next: a target has settled and its TTL becomes long again, a member that
 * came back gets more of its weight, or a time window of a rule opens or closes. Pure; at worst too early, never too
 * late.
 */
import { pairKey } from '@signpost/contracts/names';
import type { Verdict } from '@signpost/contracts/verdict';
import { nextRampStepMs } from '@signpost/policy/ramp-up';
import { nextTimeWindowChange } from '@signpost/policy/time-window';

import type { HeldView } from '../guard/held-view.ts';
import type { Topology } from '../topology/topology.ts';

/** Wall clock; undefined: nothing is under way. `verdicts`: by pair key. `held`: what guards hold; absent: nothing. */
export function nextTimedChange(
  topology: Topology,
  verdicts: ReadonlyMap<string, { readonly verdict: Verdict }>,
  nowMs: number,
  held?: Pick<HeldView, 'configurationOf'>,
): number | undefined {
  const times = [
    ...settlings(topology, verdicts),
    ...rampings(topology, verdicts, nowMs),
    ...openings(topology, held, nowMs),
  ];
  let next: number | undefined;
  for (const time of times) {
    if (time > nowMs && time < (next ?? Number.POSITIVE_INFINITY)) next = time;
  }
  return next;
}

function* settlings(
  { zones }: Topology,
  verdicts: ReadonlyMap<string, { readonly verdict: Verdict }>,
): Generator<number> {
  const settles = new Set<number>();
  for (const { steered } of zones.values()) for (const { ttl } of steered) settles.add(ttl.settle);
  for (const { verdict } of verdicts.values()) {
    if (verdict.from === undefined) continue;
    for (const settle of settles) yield verdict.sinceMs + settle;
  }
}

function* rampings(
  { watched }: Topology,
  verdicts: ReadonlyMap<string, { readonly verdict: Verdict }>,
  nowMs: number,
): Generator<number> {
  for (const { monitor, members, ramp_up: rampUpMs } of Object.values(watched.pools)) {
    if (monitor === undefined || rampUpMs === undefined) continue;
    for (const { target } of members) {
      const recoveredMs = verdicts.get(pairKey(monitor, target))?.verdict.recoveredMs;
      if (recoveredMs === undefined) continue;
      const step = nextRampStepMs(recoveredMs, rampUpMs, nowMs);
      if (step !== undefined) yield step;
    }
  }
}

/** Infinity for a window that is always open. */
function* openings(
  { configuration }: Topology,
  held: Pick<HeldView, 'configurationOf'> | undefined,
  nowMs: number,
): Generator<number> {
  const kept = Object.keys(configuration.policies).map((name) => held?.configurationOf(name));
  for (const source of new Set([configuration, ...kept])) {
    for (const { rules } of Object.values(source?.policies ?? {})) {
      for (const { when } of rules) {
        if (when?.times !== undefined) yield nextTimeWindowChange(when.times, nowMs);
      }
    }
  }
}
