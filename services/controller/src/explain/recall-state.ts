/**
 * The controller's state as it was at a moment that has passed, as far as one name needs it: configuration, verdicts,
 * overrides and what was published, from the events of the last days and the history of the configuration's bucket.
 * Load, shares, round trips and views of single vantages are not kept, so they are as if unknown; where that made
 * another answer, what was published tells. Rejects with `MessagingError` when NATS is away.
 */
import { poolsOf } from '@signpost/config/check-policies';
import type { Configuration } from '@signpost/contracts/configuration';
import type { Bucket, Stream } from '@signpost/contracts/messaging';
import { pairKey } from '@signpost/contracts/names';
import { overrideChanged, type Override } from '@signpost/contracts/override';
import { configChanged } from '@signpost/contracts/publication';
import { subjects } from '@signpost/contracts/subjects';
import { healthChanged, type Verdict, type VerdictStates } from '@signpost/contracts/verdict';

import type { AffinityNames } from '../affinity/affinity-names.ts';
import { recordsThatSteer } from '../compile/compile-zone.ts';
import { loadRevision } from '../config-store/load-revision.ts';
import { NO_LOAD_STATE } from '../load/pool-load.ts';
import { NONE_PRESENT, type PresentOverrides } from '../override/overrides-at.ts';
import type { AppliedConfiguration, ControllerState, PairVerdict } from '../reconcile/controller-state.ts';
import { inChunks } from '../reconcile/in-chunks.ts';
import { NO_SHARES } from '../share/evolve-shares.ts';
import { buildTopology } from '../topology/topology.ts';
import { historyOf } from '../verdict/history-of.ts';
import { pastEvents } from './past-events.ts';
import { recallRecords } from './recall-records.ts';

export interface RecallTools {
  readonly events: Stream;
  readonly config: Bucket;
  /** Absent: there is no secret, so no signed names. */
  readonly affinity?: AffinityNames | undefined;
}

export type Recalled =
  | { readonly ok: true; readonly state: ControllerState }
  /** In words, for who asked. */
  | { readonly ok: false; readonly reason: string };

/** `name` in canonical text; `atMs` wall clock, not later than now. */
export async function recallState(
  present: ControllerState,
  name: string,
  atMs: number,
  tools: RecallTools,
): Promise<Recalled> {
  const configuration = await recallConfiguration(present, atMs, tools);
  if (typeof configuration === 'string') return { ok: false, reason: configuration };
  const policies = neededFor(name, configuration, tools.affinity);
  const nouns = configuration.topology.configuration;
  const pools = [...new Set(policies.flatMap((policy) => poolsOf(nouns.policies[policy]!, nouns.policies)))];
  return {
    ok: true,
    state: {
      ...present,
      configuration,
      verdicts: await recallVerdicts(present, pools, nouns, atMs, tools.events),
      present: await recallOverrides(present, pools, nouns, atMs, tools.events),
      guards: new Map(),
      load: NO_LOAD_STATE,
      shares: NO_SHARES,
      // What was found then is what was published then.
      resolved: new Map(),
      records: await recallRecords(present.records, configuration.topology, name, atMs, tools.events),
    },
  };
}

/** The configuration in force, or why it is not known. */
async function recallConfiguration(
  { configuration: applied }: ControllerState,
  atMs: number,
  { events, config }: RecallTools,
): Promise<AppliedConfiguration | string> {
  if (applied !== undefined && applied.atMs <= atMs) return applied;
  const { until } = await pastEvents(events, subjects.configChanged(), configChanged, atMs);
  const last = until.at(-1);
  if (last === undefined) return 'no configuration of that time is known: events are kept for 7 days';
  const { revision, hash } = last.data;
  const configuration = await loadRevision(config, revision);
  if (configuration === undefined) return `configuration revision ${revision} of that time is no longer kept`;
  const topology = buildTopology(configuration);
  return { revision, hash, atMs: Date.parse(last.time), fileHash: undefined, written: {}, topology };
}

/** Policies of the records that may answer the name: those at its owner, and wildcards. */
function neededFor(
  name: string,
  { topology }: AppliedConfiguration,
  affinity: AffinityNames | undefined,
): readonly string[] {
  const policies = [...topology.zones.values()].flatMap((plan) =>
    recordsThatSteer(topology.configuration, plan, { affinity })
      .filter(({ owner }) => owner === name || (owner.startsWith('*.') && name.endsWith(owner.slice(1))))
      .map(({ policy }) => policy),
  );
  return [...new Set(policies)];
}

async function recallVerdicts(
  present: ControllerState,
  pools: readonly string[],
  { pools: nouns }: Configuration,
  atMs: number,
  events: Stream,
): Promise<ReadonlyMap<string, PairVerdict>> {
  const pairs = new Map(
    pools.flatMap((pool) => {
      const { monitor, members } = nouns[pool]!;
      if (monitor === undefined) return [];
      return members.map(({ target }) => [pairKey(monitor, target), { monitor, target }] as const);
    }),
  );
  const verdicts = new Map<string, PairVerdict>();
  await inChunks([...pairs], async ([pair, { monitor, target }]) => {
    const subject = subjects.healthChanged(monitor, target);
    const { until, next } = await pastEvents(events, subject, healthChanged, atMs);
    let last: Verdict | undefined;
    for (const { data } of until) {
      const { sinceMs } = data.to;
      last = { monitor, target, ...data.to, reason: data.reason, ...historyOf(last, data.to.state, sinceMs) };
    }
    last ??= next === undefined ? unchanged(present, pair, atMs) : before(next.data.from, monitor, target);
    if (last !== undefined) verdicts.set(pair, { verdict: last, settled: true });
  });
  return verdicts;
}

/** No event tells of it: it is as it was, unless it began later. */
function unchanged({ verdicts }: ControllerState, pair: string, atMs: number): Verdict | undefined {
  const verdict = verdicts.get(pair)?.verdict;
  return verdict === undefined || verdict.sinceMs > atMs ? undefined : verdict;
}

function before(states: VerdictStates, monitor: string, target: string): Verdict {
  return { monitor, target, ...states, reason: 'the event that says why is no longer kept' };
}

async function recallOverrides(
  present: ControllerState,
  pools: readonly string[],
  { pools: nouns }: Configuration,
  atMs: number,
  events: Stream,
): Promise<PresentOverrides> {
  const targets = new Set(pools.flatMap((pool) => nouns[pool]!.members.map(({ target }) => target)));
  const inForce = new Map<string, Override>();
  await inChunks([...targets], async (target) => {
    const subject = subjects.overrideChanged(target);
    const { until, next } = await pastEvents(events, subject, overrideChanged, atMs);
    const last = until.at(-1);
    const now = present.present.inForce.get(target);
    const untold = now !== undefined && now.sinceMs <= atMs ? now : null;
    const found = last?.data.inForce ?? (last === undefined ? (next?.data.previous ?? untold) : null);
    if (found !== null) inForce.set(target, found);
  });
  return { ...NONE_PRESENT, inForce, atMs };
}
