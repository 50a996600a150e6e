/**
 * Which override is in force for each target at a time, and which are to come. Pure.
 *
 * A human's counts more than an external system's; of equals the one made last counts, whatever it matches: how
 * specific a match is does not matter. All of them count more than checks and the configuration's `status`.
 */
import { matchTargets } from '@signpost/config/match-targets';
import type { Override, StoredOverride } from '@signpost/contracts/override';
import type { OverrideView } from '@signpost/policy/override-view';

import { matchable } from '../topology/held-pool.ts';
import type { Topology } from '../topology/topology.ts';

export interface PresentOverrides {
  /** By target, in the order of the configuration. */
  readonly inForce: ReadonlyMap<string, Override>;
  /** To come, the next one first. */
  readonly planned: readonly Override[];
  /** By target: when the next one begins; only of those so near that a TTL depends on it. */
  readonly beginsAtMs: ReadonlyMap<string, number>;
  readonly atMs: number;
  /** Equal ones of one topology make equal record sets. */
  readonly signature: string;
}

export const NONE_PRESENT: PresentOverrides = {
  inForce: new Map(),
  planned: [],
  beginsAtMs: new Map(),
  atMs: 0,
  signature: '',
};

/** So much earlier the TTL is lowered: a round of the loop, and the way to the last authority. */
const LEAD_MARGIN_MS = 2_000;

/** `before` of the same topology is given back when nothing that matters changed. */
export function overridesAt(
  stored: Iterable<StoredOverride>,
  topology: Topology | undefined,
  nowMs: number,
  before?: PresentOverrides,
): PresentOverrides {
  if (topology === undefined) return NONE_PRESENT;
  // One of the bucket is in force as soon as it is heard of, though another controller's clock may be ahead.
  const inForce = [...stored].filter((override) => !hasEnded(override, nowMs)).map(withoutLifted);
  const planned: Override[] = [];
  for (const override of topology.overrides) {
    if (hasEnded(override, nowMs)) continue;
    if (override.sinceMs <= nowMs) inForce.push(override);
    else planned.push(override);
  }
  const near = planned.flatMap((override) =>
    topology.stableTtls
      .filter((ttl) => isWithin(override.sinceMs, ttl, nowMs))
      .map((ttl) => ({ override, ttl })),
  );
  const signature = [
    ...inForce.map(({ id }) => id).toSorted(),
    ...near.map(({ override, ttl }) => `${override.id}<${ttl}`).toSorted(),
    `${planned.length} to come`,
  ].join(' ');
  if (before?.signature === signature) return before;
  return {
    inForce: strongest(inForce, topology),
    planned: planned.toSorted((a, b) => a.sinceMs - b.sinceMs),
    beginsAtMs: firstBeginnings(
      near.map(({ override }) => override),
      topology,
    ),
    atMs: nowMs,
    signature,
  };
}

export function hasEnded(override: StoredOverride, nowMs: number): boolean {
  return override.lifted !== undefined || override.untilMs <= nowMs;
}

/** What policies ask. */
export function overrideView({ inForce, beginsAtMs, atMs }: PresentOverrides): OverrideView {
  return {
    inForce: (target) => inForce.get(target),
    beginsWithin: (target, seconds) => {
      const beginsMs = beginsAtMs.get(target);
      return beginsMs !== undefined && isWithin(beginsMs, seconds, atMs);
    },
  };
}

/** Negative: `a` counts more. */
function byStrength(a: Override, b: Override): number {
  if (a.source !== b.source) return a.source === 'human' ? -1 : 1;
  if (a.sinceMs !== b.sinceMs) return b.sinceMs - a.sinceMs;
  return a.id < b.id ? -1 : 1;
}

function isWithin(beginsMs: number, seconds: number, nowMs: number): boolean {
  return beginsMs - nowMs <= seconds * 1_000 + LEAD_MARGIN_MS;
}

function strongest(overrides: readonly Override[], topology: Topology): ReadonlyMap<string, Override> {
  const found = new Map<string, Override>();
  const nouns = matchable(topology.watched);
  for (const override of overrides.toSorted(byStrength)) {
    for (const target of matchTargets(override.match, nouns)) {
      if (!found.has(target)) found.set(target, override);
    }
  }
  return found;
}

function firstBeginnings(near: readonly Override[], topology: Topology): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const nouns = matchable(topology.watched);
  for (const { match, sinceMs } of near) {
    for (const target of matchTargets(match, nouns)) {
      found.set(target, Math.min(sinceMs, found.get(target) ?? Number.POSITIVE_INFINITY));
    }
  }
  return found;
}

export function withoutLifted({ lifted: _lifted, ...override }: StoredOverride): Override {
  return override;
}
