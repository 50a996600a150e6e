/**
 * The guards in a leader's round: reads the configuration that was accepted last if it is not at hand, lets the pure
 * guards decide, and stores what they remember before anything is published, by compare-and-set as verdicts are.
 */
import { isDeepStrictEqual } from 'node:util';

import type { Configuration } from '@signpost/contracts/configuration';
import { decodeJson, encodeJson } from '@signpost/contracts/decode';
import { guardKeys, guardMemorySchema, type GuardMemory } from '@signpost/contracts/guard';
import { MessagingError, type Bucket } from '@signpost/contracts/messaging';
import { percent } from '@signpost/policy/pool-standing';

import { loadRevision } from '../config-store/load-revision.ts';
import { isConfirmed } from '../guard/confirmed.ts';
import { guardPolicies, type Guarded } from '../guard/guard-policies.ts';
import { configurationHold } from '../guard/policy-subject.ts';
import { watchHeld, watchKept } from '../guard/watch-held.ts';
import { overridesAt, overrideView, type PresentOverrides } from '../override/overrides-at.ts';
import type { Topology } from '../topology/topology.ts';
import type { Clocks } from '../verdict/judge-pair.ts';
import {
  healthView,
  memoriesOf,
  type ControllerState,
  type PairVerdict,
  type StoredGuard,
} from './controller-state.ts';
import { inChunks } from './in-chunks.ts';
import type { LeaderTools } from './leader-tools.ts';
import { noteWhy, type Leadership } from './leadership.ts';

/** Judges again, and watches what is held. Rejects with `MessagingError` when NATS is away. */
export async function keepGuards(
  before: ControllerState,
  leadership: Leadership,
  tools: LeaderTools,
  { wallMs }: Clocks,
): Promise<ControllerState> {
  const { configuration, approvals } = before;
  if (configuration === undefined || !leadership.lease.holds()) return before;
  const { topology, revision } = configuration;
  const due = leadership.unpublished || leadership.compiledTopology !== topology || approvals.size > 0;
  if (!due) return before;
  const forgot = (lost: number) => tools.observer.guardForgot(lost);
  const revisions = [...before.guards.values()].map(({ memory }) => memory.revision);
  const kept = await keepConfigurations(before, revisions, tools, forgot);
  const memories = memoriesOf(before.guards);
  const verdicts = withStored(before, before.stored.keys());
  const guarded = guardPolicies({
    applied: { configuration: topology.configuration, revision },
    memories,
    kept,
    world: {
      health: healthView(verdicts),
      overrides: overrideView(presentOf(before, watchKept(topology, memories.values(), kept))),
      isConfirmed: (monitor, target) => isConfirmed(topology, verdicts, monitor, target),
      approvals,
      nowMs: Math.floor(wallMs),
    },
  });
  const guards = await storeGuards(before.guards, guarded, tools.guards);
  tellGuards(memories, guarded, leadership, tools);
  await inChunks([...approvals.keys()], (id) => tools.guards.delete(guardKeys.approved(id)));
  return watching({ ...before, guards, kept, approvals: new Map() });
}

/** Whoever does not lead, or does not yet, watches what the last leader held. */
export async function followHeld(state: ControllerState, tools: LeaderTools): Promise<ControllerState> {
  if (state.configuration === undefined) return state;
  const revisions = [...state.guards.values()].flatMap(({ memory }) =>
    configurationHold(memory) === undefined ? [] : [memory.revision],
  );
  return watching({ ...state, kept: await keepConfigurations(state, revisions, tools) });
}

function watching(state: ControllerState): ControllerState {
  const { configuration, guards, kept } = state;
  if (configuration === undefined) return state;
  const topology = watchHeld(configuration.topology, memoriesOf(guards).values(), kept);
  if (topology === configuration.topology) return state;
  const verdicts = withStored(state, topology.pairs.keys());
  const present = presentOf(state, topology);
  return { ...state, configuration: { ...configuration, topology }, verdicts, present };
}

/** Until it is judged again, what was concluded last of what the configuration no longer has and a policy still may. */
function withStored(
  { verdicts, stored }: ControllerState,
  pairs: Iterable<string>,
): ControllerState['verdicts'] {
  let known: Map<string, PairVerdict> | undefined;
  for (const pair of pairs) {
    const last = stored.get(pair);
    if (last === undefined || verdicts.has(pair)) continue;
    known ??= new Map(verdicts);
    known.set(pair, { verdict: last.verdict, settled: false });
  }
  return known ?? verdicts;
}

/** Overrides match what is watched, and that changed. */
function presentOf({ overrides, present }: ControllerState, topology: Topology): PresentOverrides {
  return overridesAt(overrides.values(), topology, present.atMs);
}

/** By revision: the one that is applied, and those that policies still rest on. */
async function keepConfigurations(
  { configuration, kept }: ControllerState,
  revisions: readonly number[],
  { config }: LeaderTools,
  onForgotten?: (revision: number) => void,
): Promise<ReadonlyMap<number, Configuration>> {
  const applied = configuration!;
  const next = new Map([[applied.revision, applied.topology.configuration]]);
  for (const revision of new Set(revisions)) {
    if (next.has(revision)) continue;
    const known = kept.get(revision) ?? (await loadRevision(config, revision));
    if (known === undefined) onForgotten?.(revision);
    else next.set(revision, known);
  }
  return next;
}

async function storeGuards(
  stored: ControllerState['guards'],
  { memories }: Guarded,
  bucket: Bucket,
): Promise<ControllerState['guards']> {
  const next = new Map<string, StoredGuard>();
  await inChunks([...memories], async ([policy, memory]) => {
    next.set(policy, await storeGuard(bucket, stored.get(policy), memory));
  });
  const dropped = [...stored.keys()].filter((policy) => !memories.has(policy));
  await inChunks(dropped, (policy) => bucket.delete(guardKeys.policy(policy)));
  return next;
}

/** Rejects with `MessagingError` when another controller wrote meanwhile. */
export async function storeGuard(
  bucket: Bucket,
  stored: StoredGuard | undefined,
  memory: GuardMemory,
): Promise<StoredGuard> {
  if (stored !== undefined && isDeepStrictEqual(stored.memory, memory)) return stored;
  const key = guardKeys.policy(memory.policy);
  const value = encodeJson(memory);
  let outcome =
    stored === undefined ? await bucket.create(key, value) : await bucket.update(key, value, stored.revision);
  if (outcome.kind === 'conflict' && (await isFree(bucket, key))) outcome = await bucket.create(key, value);
  if (outcome.kind === 'conflict') throw new MessagingError('what guards remember changes under our hands');
  return { memory, revision: outcome.revision };
}

/**
 * Nothing stands there, as after NATS was emptied, or nothing that anybody could read: such a value never reaches
 * the loop, so that it would be in the way of every publication. It is removed.
 */
async function isFree(bucket: Bucket, key: string): Promise<boolean> {
  const entry = await bucket.get(key);
  if (entry === undefined) return true;
  const decoded = decodeJson(guardMemorySchema, entry.value);
  if (decoded.ok && guardKeys.policy(decoded.value.policy) === key) return false;
  await bucket.delete(key);
  return true;
}

function tellGuards(
  before: ReadonlyMap<string, GuardMemory>,
  { memories, alarms }: Guarded,
  leadership: Leadership,
  { observer }: LeaderTools,
): void {
  for (const [policy, { holds, ended }] of memories) {
    const known = before.get(policy);
    for (const hold of holds) {
      if (known?.holds.some(({ id }) => id === hold.id) === true) continue;
      observer.guardHolds(hold);
      noteWhy(leadership, `guard ${hold.id} holds ${percent(hold.removed)} of ${policy}: ${hold.why}`);
    }
    for (const { hold, reason } of ended) {
      if (known?.ended.some((other) => other.hold.id === hold.id) === true) continue;
      observer.guardLifted(hold, reason);
      noteWhy(leadership, `guard ${hold.id} lifted: ${reason}`);
    }
  }
  for (const { policy, share } of alarms) observer.capacityLost(policy, share);
}
