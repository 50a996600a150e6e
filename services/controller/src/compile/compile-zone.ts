/**
 * H9: (topology, health) -> the record sets of every zone. Pure; equal input gives equal sets.
 * Records that share a policy and a TTL share its compiled sets, so a policy is compiled once per run.
 */
import type { Configuration } from '@signpost/contracts/configuration';
import type { TtlPlan } from '@signpost/contracts/ttl-plan';
import { recordSetField } from '@signpost/contracts/keys';
import type { RecordSet, SteeredRecordSet } from '@signpost/contracts/record-set';
import { compilePolicy, type SteeredType } from '@signpost/policy/compile-policy';
import type { PolicyInput } from '@signpost/policy/policy-input';
import type { HealthView } from '@signpost/policy/health-view';
import type { LoadView } from '@signpost/policy/load-view';
import { NO_OVERRIDES, type OverrideView } from '@signpost/policy/override-view';
import type { ShareView } from '@signpost/policy/share-view';

import type { HeldView } from '../guard/held-view.ts';
import type { PlannedFacts, SteeredRecord, ZonePlan } from '../topology/plan-zone.ts';
import type { Topology } from '../topology/topology.ts';

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
  /** How clients spread; absent: weights are as configured. */
  readonly shares?: ShareView;
}

export function compileZones(topology: Topology, health: HealthView, view: CompileView = {}): CompiledZones {
  const compile = compileOnce(topology.configuration, health, view);
  return new Map([...topology.zones].map(([apex, plan]) => [apex, compileZone(plan, compile)]));
}

/** What `compilePolicy` and `explainPolicy` are given for a record that steers. */
export function policyInput(
  configuration: Configuration,
  record: Pick<SteeredRecord, 'policy' | 'ttl'>,
  health: HealthView,
  { overrides = NO_OVERRIDES, nowMs, held, load, shares }: CompileView = {},
): PolicyInput | undefined {
  const source = held?.configurationOf(record.policy) ?? configuration;
  const policy = source.policies[record.policy];
  if (policy === undefined) return undefined;
  return {
    policyName: record.policy,
    policy,
    defaultAllDown: source.defaults.all_down,
    ttl: record.ttl,
    pools: source.pools,
    policies: source.policies,
    vantages: source.vantages,
    targets: source.targets,
    health: held?.healthOf(record.policy, health) ?? health,
    overrides: held?.overridesOf(record.policy, overrides) ?? overrides,
    ...(load !== undefined && { load }),
    ...(nowMs !== undefined && { nowMs }),
    ...(shares !== undefined && { shares }),
  };
}

type CompileSet = (record: SteeredRecord, type: SteeredType) => SteeredRecordSet | undefined;

function compileZone(plan: ZonePlan, compile: CompileSet): CompiledZone {
  const recordSets = new Map<string, RecordSet>(plan.statics);
  for (const record of plan.steered) {
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
    const key = `${record.policy} ${type} ${ttlKey(record.ttl)}`;
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
