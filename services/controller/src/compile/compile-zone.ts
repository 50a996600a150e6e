/**
 * H9: (topology, health) -> the record sets of every zone. Pure; equal input gives equal sets.
 * Records that share a policy and a TTL share its compiled sets, so a policy is compiled once per run.
 */
import type { Configuration } from '@signpost/contracts/configuration';
import type { PolicyConfiguration } from '@signpost/contracts/policy-configuration';
import type { TtlPlan } from '@signpost/contracts/ttl-plan';
import { recordSetField } from '@signpost/contracts/keys';
import type { RecordSet, SteeredRecordSet } from '@signpost/contracts/record-set';
import { isService, type SteeredType } from '@signpost/policy/answers-of';
import { compilePolicy } from '@signpost/policy/compile-policy';
import type { PolicyInput } from '@signpost/policy/policy-input';
import type { HealthView } from '@signpost/policy/health-view';
import type { LoadView } from '@signpost/policy/load-view';
import { NO_OVERRIDES, type OverrideView } from '@signpost/policy/override-view';
import { poolStanding, type PoolStanding } from '@signpost/policy/pool-standing';
import { NOTHING_RESOLVED, type ResolvedNames } from '@signpost/policy/resolved-names';
import type { ShareView } from '@signpost/policy/share-view';

import type { AffinityNames } from '../affinity/affinity-names.ts';
import type { HeldView } from '../guard/held-view.ts';
import type { PlannedFacts, SteeredRecord, ZonePlan } from '../topology/plan-zone.ts';
import type { Topology } from '../topology/topology.ts';
import { hostRecordSets } from './host-record-sets.ts';
import { steeringRecords } from './derived-records.ts';

export interface CompiledZone {
  readonly soa: PlannedFacts;
  /** By `owner|TYPE`. */
  readonly recordSets: ReadonlyMap<string, RecordSet>;
}

/** By apex. */
export type CompiledZones = ReadonlyMap<string, CompiledZone>;

/** What else record sets depend on. */
export interface CompileView {
  /** Absent: none. */
  readonly overrides?: OverrideView;
  /** Wall clock; absent: everything has settled. */
  readonly nowMs?: number;
  /** What guards hold; absent: nothing. */
  readonly held?: HeldView;
  /** Absent: nothing is known of load. */
  readonly load?: LoadView;
  /** Addresses of host names; absent: none is known. */
  readonly resolved?: ResolvedNames;
  /** Signed names of targets; absent: there is no secret, and so none. */
  readonly affinity?: AffinityNames | undefined;
  /** How clients spread; absent: weights are as configured. */
  readonly shares?: ShareView;
}

export function compileZones(topology: Topology, health: HealthView, view: CompileView = {}): CompiledZones {
  const compile = compileOnce(topology.configuration, health, view);
  return new Map(
    [...topology.zones].map(([apex, plan]) => [
      apex,
      compileZone(plan, recordsThatSteer(topology.configuration, plan, view), compile, view),
    ]),
  );
}

/** All records of a zone that steer, also those that nobody wrote. */
export function recordsThatSteer(
  configuration: Configuration,
  plan: ZonePlan,
  { held, affinity }: CompileView,
): readonly SteeredRecord[] {
  const configurationOf = (policy: string) => held?.configurationOf(policy) ?? configuration;
  return steeringRecords(plan, { configurationOf, affinity });
}

/** What `compilePolicy` and `explainPolicy` are given for a record that steers. */
export function policyInput(
  configuration: Configuration,
  record: Omit<SteeredRecord, 'owner' | 'types'>,
  health: HealthView,
  { overrides = NO_OVERRIDES, nowMs, held, load, shares, resolved }: CompileView = {},
): PolicyInput | undefined {
  const source = held?.configurationOf(record.policy) ?? configuration;
  const policy = source.policies[record.policy];
  if (policy === undefined) return undefined;
  const { services, flatten, pin, seed, only } = record;
  const healthOf = held?.healthOf(record.policy, health) ?? health;
  const overridesOf = held?.overridesOf(record.policy, overrides) ?? overrides;
  const staysIn = (pool: string) =>
    isToStay(poolStanding(pool, source.pools[pool]!, source.targets, healthOf, overridesOf));
  return {
    policyName: record.policy,
    policy: only !== undefined && staysIn(only) ? poolAlone(only, policy) : policy,
    defaultAllDown: source.defaults.all_down,
    ttl: record.ttl,
    pools: source.pools,
    policies: source.policies,
    vantages: source.vantages,
    targets: source.targets,
    health: healthOf,
    overrides: overridesOf,
    ...(load !== undefined && { load }),
    ...(resolved !== undefined && { resolved }),
    ...(nowMs !== undefined && { nowMs }),
    ...(services !== undefined && { services }),
    ...(flatten !== undefined && { flatten }),
    ...(pin !== undefined && { pin }),
    ...(seed !== undefined && { seed }),
    ...(shares !== undefined && { shares }),
  };
}

/** Whoever asks for a pool by its name was led to it: it is answered as long as it has anybody. */
function poolAlone(pool: string, { within }: PolicyConfiguration): PolicyConfiguration {
  return { rules: [{ try: [pool] }], within, all_down: 'fail_open' };
}

/** Not in a pool that nobody serves in because somebody took targets out: their drain would never end. */
function isToStay({ serving, servingThoughDown, members }: PoolStanding): boolean {
  if (serving.length > 0) return true;
  return servingThoughDown.length > 0 && members.every(({ override }) => override === undefined);
}

type CompileSet = (record: SteeredRecord, type: SteeredType) => SteeredRecordSet | undefined;

function compileZone(
  plan: ZonePlan,
  steering: readonly SteeredRecord[],
  compile: CompileSet,
  { resolved = NOTHING_RESOLVED }: CompileView,
): CompiledZone {
  const recordSets = new Map<string, RecordSet>(plan.statics);
  for (const [field, set] of hostRecordSets(plan.hosts, resolved)) recordSets.set(field, set);
  for (const record of steering) {
    for (const type of [...record.types, 'CNAME'] as const) {
      const set = compile(record, type);
      if (set !== undefined) recordSets.set(recordSetField(record.owner, type), set);
    }
  }
  return { soa: plan.soa, recordSets };
}

function compileOnce(configuration: Configuration, health: HealthView, view: CompileView): CompileSet {
  const compiled = new Map<string, SteeredRecordSet | undefined>();
  return (record, type) => {
    const key = `${record.policy} ${type} ${ttlKey(record.ttl)} ${shapeKey(record, type)}`;
    if (compiled.has(key)) return compiled.get(key);
    const input = policyInput(configuration, record, health, view);
    const set = input === undefined ? undefined : compilePolicy(input, type);
    compiled.set(key, set);
    return set;
  };
}

function ttlKey({ stable, suspect, floor, settle }: TtlPlan): string {
  return `${stable} ${suspect} ${floor} ${settle}`;
}

/** What else of a record its sets depend on; empty for most. */
function shapeKey({ services, flatten, seed, only, pin }: SteeredRecord, type: SteeredType): string {
  const own = isService(type) ? services : undefined;
  if (own === undefined && !flatten && seed === undefined && only === undefined && pin === undefined)
    return '';
  return JSON.stringify([own, flatten, seed, only, pin]);
}
