/** What is known of the load of a pool, and how it is steered by it. Types only; times are monotonic. */
import type { StoredLoad } from '@signpost/contracts/stored-load';
import type { TargetLoad } from '@signpost/contracts/target-load';

export interface HeardLoad extends TargetLoad {
  readonly heardAtMs: number;
}

/**
 * `fresh`: every target's load is known. `frozen`: one's is not, so all stays as it is. `released`: that has lasted
 * too long, weights go back to what is configured. `unlimited`: the pool has no `load`, nothing is expected.
 */
export type LoadFeed = 'fresh' | 'frozen' | 'released' | 'unlimited';

/** By pool: parts of a thousand. */
export type Room = ReadonlyMap<string, number>;

export interface PoolLoad {
  readonly feed: LoadFeed;
  /** Why the feed stands so. */
  readonly reason: string;
  /** When it was fresh last, or when it could have been. */
  readonly freshAtMs: number;
  /** The sum of its targets' loads as it was pushed last. Undefined: it was never known. */
  readonly measured: number | undefined;
  /** The same, smoothed, as of when the pool was up and its clients had found it. */
  readonly load: number | undefined;
  /** Estimated: what it would carry if it kept all its clients. */
  readonly demand: number | undefined;
  /** Share of its weight that is up, which its limits go with. */
  readonly up: number;
  /** Undefined: it is down. */
  readonly upSinceMs: number | undefined;
  /** The share of its clients that it keeps. */
  readonly keep: number;
  /** The share that has noticed: `keep`, as caches follow it. */
  readonly effective: number;
  /** No other `keep` before. */
  readonly keptUntilMs: number;
  /** Which way `keep` went last; 0: it never did. */
  readonly moved: -1 | 0 | 1;
  /** How often it turned of late, and when last. */
  readonly turns: number;
  readonly turnedAtMs: number;
  /** Where the clients go that it does not keep. Undefined: not known. */
  readonly room: Room | undefined;
  /** Where all of them go when it is down: as of when it was up. */
  readonly spill: Room | undefined;
  /** `room` as caches follow it. */
  readonly spread: Room | undefined;
  /** No other plan before. */
  readonly plannedUntilMs: number;
}

/** What record sets are compiled with: replaced when it changes, and only then. */
export type LoadSteering = ReadonlyMap<string, { readonly keep: number; readonly room: Room | undefined }>;

export interface LoadState {
  readonly pools: ReadonlyMap<string, PoolLoad>;
  readonly steering: LoadSteering;
  /** When it was looked at last. */
  readonly atMs: number;
}

export const NO_LOAD_STATE: LoadState = {
  pools: new Map(),
  steering: new Map(),
  atMs: Number.NEGATIVE_INFINITY,
};

/** By pool: what the bucket holds. */
export type StoredLoads = ReadonlyMap<string, { readonly stored: StoredLoad; readonly revision: number }>;
