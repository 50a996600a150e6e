/**
 * (state, pushed loads, health, clock) -> state of steering by load. Pure. All controllers measure; the leader alone
 * decides, and the others follow what it stored, so that one of them can go on where it stopped.
 */
import type { TargetConfiguration } from '@signpost/contracts/configuration';
import type { HealthView } from '@signpost/policy/health-view';
import type { OverrideView } from '@signpost/policy/override-view';
import { poolStanding } from '@signpost/policy/pool-standing';

import type { LoadPool, LoadPools } from './load-pools.ts';
import { LOOK_EVERY_MS } from './load-settings.ts';
import { measurePool, unknownPool, type Measuring } from './measure-pool.ts';
import {
  NO_LOAD_STATE,
  type LoadState,
  type LoadSteering,
  type PoolLoad,
  type Room,
  type StoredLoads,
} from './pool-load.ts';
import { steerPool } from './steer-pool.ts';

export interface LoadWorld extends Omit<Measuring, 'passedMs'> {
  readonly loadPools: LoadPools;
  readonly targets: Readonly<Record<string, TargetConfiguration>>;
  readonly health: HealthView;
  readonly overrides: OverrideView;
  readonly stored: StoredLoads;
  /** Whether we decide. */
  readonly deciding: boolean;
  /** Something happened that cannot wait for the next look, such as a pool that died. */
  readonly urgent: boolean;
}

export function evolveLoad(before: LoadState, world: LoadWorld): LoadState {
  const { loadPools, nowMs, deciding } = world;
  if (loadPools.size === 0) return before.pools.size === 0 ? before : NO_LOAD_STATE;
  const known = sameNames(before.pools, loadPools);
  if (known && !world.urgent && nowMs - before.atMs < LOOK_EVERY_MS) return before;
  const passedMs = Math.max(0, nowMs - Math.max(before.atMs, 0));
  const measured = new Map<string, PoolLoad>();
  for (const [name, of] of loadPools) {
    const last = before.pools.get(name) ?? takeOver(unknownPool(of, nowMs), name, world);
    const followed = deciding ? last : takeOver(last, name, world);
    const standing = poolStanding(name, of.pool, world.targets, world.health, world.overrides);
    measured.set(name, measurePool(followed, of, standing, { ...world, passedMs }));
  }
  const pools = deciding ? decide(measured, loadPools, nowMs) : measured;
  return { pools, steering: steeringOf(pools, before.steering), atMs: nowMs };
}

function decide(measured: ReadonlyMap<string, PoolLoad>, loadPools: LoadPools, nowMs: number) {
  const poolOf = (name: string): LoadPool | undefined => loadPools.get(name);
  return new Map([...loadPools].map(([name, of]) => [name, steerPool(of, measured, poolOf, nowMs)] as const));
}

/** What the leader, or the last one, decided. */
function takeOver(last: PoolLoad, name: string, { stored, nowMs, loadPools }: LoadWorld): PoolLoad {
  const decided = stored.get(name)?.stored;
  if (decided === undefined) return last;
  const { keep } = decided;
  const [room, spill] = [roomOf(decided.room), roomOf(decided.spill)];
  if (last.keep === keep && sameRoom(last.room, room) && sameRoom(last.spill, spill)) return last;
  const untilMs = nowMs + loadPools.get(name)!.ttlMs;
  // Never measured: caches have followed long ago.
  const effective = last.measured === undefined ? keep : last.effective;
  const moved = keep < last.keep ? -1 : keep > last.keep ? 1 : last.moved;
  return { ...last, keep, effective, moved, room, spill, keptUntilMs: untilMs, plannedUntilMs: untilMs };
}

function roomOf(stored: Readonly<Record<string, number>> | undefined): Room | undefined {
  return stored === undefined ? undefined : new Map(Object.entries(stored));
}

/** The one before while it says the same. */
function steeringOf(pools: ReadonlyMap<string, PoolLoad>, before: LoadSteering): LoadSteering {
  const now = new Map(
    [...pools].map(([name, { keep, upSinceMs, room, spill }]) => [
      name,
      { keep, room: upSinceMs === undefined ? spill : room },
    ]),
  );
  const same =
    sameNames(now, before) &&
    [...now].every(([name, { keep, room }]) => {
      const was = before.get(name)!;
      return was.keep === keep && sameRoom(was.room, room);
    });
  return same ? before : now;
}

export function sameRoom(a: PoolLoad['room'], b: PoolLoad['room']): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.size !== b.size) return false;
  return [...a].every(([pool, share]) => b.get(pool) === share);
}

function sameNames(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return a.size === b.size && [...a.keys()].every((name) => b.has(name));
}
