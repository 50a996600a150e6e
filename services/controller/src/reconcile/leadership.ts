/**
 * What a leader remembers while it leads, and loses with the lease: what it announced, what it still has to tell,
 * when it last looked. A new leader finds all of it out again from the stream and the store.
 */
import { NO_GENERATION, type Generation } from '@signpost/contracts/brands';
import type { Verdict } from '@signpost/contracts/verdict';

import type { Lease } from '../lead/lease.ts';
import type { LoadSteering } from '../load/pool-load.ts';
import type { PresentOverrides } from '../override/overrides-at.ts';
import type { ShareSteering } from '../share/share-steering.ts';
import type { Topology } from '../topology/topology.ts';
import type { AnnouncedVerdict } from './announce-health.ts';
import type { AnnouncedOverride } from './announce-overrides.ts';
import type { Announcement } from './announce-records.ts';
import type { AnnouncedStanding } from './announce-vantages.ts';
import type { ControllerState } from './controller-state.ts';

export interface Leadership {
  readonly lease: Lease;
  /** By pair key. */
  readonly announcedHealth: Map<string, AnnouncedVerdict>;
  /** By target. */
  readonly announcedOverrides: Map<string, AnnouncedOverride>;
  /** Those that record sets were compiled with. */
  compiledOverrides: PresentOverrides | undefined;
  compiledLoad: LoadSteering | undefined;
  /** And the addresses of hosts. */
  compiledResolved: ControllerState['resolved'];
  /** How clients spread, likewise. */
  compiledShares: ShareSteering | undefined;
  /** By vantage. */
  readonly announcedVantages: Map<string, AnnouncedStanding>;
  /** Published and not announced yet, oldest first. */
  outbox: Announcement[];
  /** Whether the outbox holds what an earlier leader, or a publication of unknown outcome, left behind. */
  outboxRecovered: boolean;
  /** Why the next publication comes, one line each. */
  why: string[];
  /** By pair key: the verdicts whose changes are in `why` already; at first those that the last leader left. */
  noted: Map<string, Verdict> | undefined;
  /** By pair key: dissent of vantages that `why` tells already. */
  readonly notedDissents: Map<string, string>;
  /** Serials given, by apex: a store that was wiped must not take them back. */
  readonly serials: Map<string, number>;
  /** Highest generation met: nor must a wiped store take that back, even if the wall clock went back as well. */
  newest: Generation;
  /** Whether the store may differ from what would be compiled now. */
  unpublished: boolean;
  compiledTopology: Topology | undefined;
  /** Wall clock: when time alone changes what was compiled last; undefined: never. */
  recompileAtMs: number | undefined;
  /** Wall clock at which that was last asked. */
  timedMs: number;
  /** Revision of the configuration that was announced and assigned. */
  announcedRevision: number | undefined;
  assignedRevision: number | undefined;
  /** What the store holds is not known: nothing is published before it was read. */
  mustReadStore: boolean;
  /** Monotonic times of the last looks; undefined: none yet. */
  storeCheckedMs: number | undefined;
  tidiedMs: number | undefined;
  /** The store is left alone until then, because it was away. */
  storeRetryAtMs: number;
  storeFailures: number;
}

/** Reasons that are kept for a publication that has to wait. */
const MAX_WHY = 1_000;

export function noteWhy(leadership: Leadership, line: string): void {
  leadership.unpublished = true;
  if (leadership.why.length < MAX_WHY) leadership.why.push(line);
}

/** `newest`: the generation that the store was last seen at. */
export function beginLeadership(lease: Lease, newest: Generation = NO_GENERATION): Leadership {
  return {
    lease,
    announcedHealth: new Map(),
    announcedOverrides: new Map(),
    compiledOverrides: undefined,
    compiledLoad: undefined,
    compiledResolved: new Map(),
    compiledShares: undefined,
    announcedVantages: new Map(),
    outbox: [],
    outboxRecovered: false,
    why: ['a controller took the lead'],
    noted: undefined,
    notedDissents: new Map(),
    serials: new Map(),
    newest,
    unpublished: true,
    compiledTopology: undefined,
    recompileAtMs: undefined,
    timedMs: Number.NEGATIVE_INFINITY,
    announcedRevision: undefined,
    assignedRevision: undefined,
    mustReadStore: true,
    storeCheckedMs: undefined,
    tidiedMs: undefined,
    storeRetryAtMs: 0,
    storeFailures: 0,
  };
}
