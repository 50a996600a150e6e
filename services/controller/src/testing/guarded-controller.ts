/** The pure half of guarding, round after round: what a controller compiles and what its guards remember. */
import type { Configuration } from '@signpost/contracts/configuration';
import type { Approval, GuardMemory } from '@signpost/contracts/guard';
import type { HealthState } from '@signpost/contracts/health';
import type { OverrideSetting } from '@signpost/contracts/override';
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import type { HealthView } from '@signpost/policy/health-view';
import type { OverrideInForce, OverrideView } from '@signpost/policy/override-view';

import { compileZones } from '../compile/compile-zone.ts';
import { guardPolicies, type Guarded } from '../guard/guard-policies.ts';
import { heldView } from '../guard/held-view.ts';
import { buildTopology } from '../topology/topology.ts';

export class GuardedController {
  memories: ReadonlyMap<string, GuardMemory> = new Map();
  /** By target; absent: up. */
  readonly states: Record<string, HealthState> = {};
  /** By target; absent: none. */
  readonly overrides: Record<string, OverrideInForce> = {};
  /** Monitors whose verdicts several vantages stand behind. */
  confirmed = true;
  nowMs = 1_000_000;
  alarms: Guarded['alarms'] = [];
  #revision = 0;
  #configuration: Configuration;
  readonly #kept = new Map<number, Configuration>();
  readonly #approvals = new Map<string, Approval>();

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
    this.apply(configuration);
  }

  apply(configuration: Configuration): void {
    this.#configuration = configuration;
    this.#revision += 1;
    this.#kept.set(this.#revision, configuration);
    this.round();
  }

  say(states: Readonly<Record<string, HealthState>>): void {
    Object.assign(this.states, states);
    this.round();
  }

  override(settings: Readonly<Record<string, OverrideSetting | undefined>>): void {
    for (const [target, set] of Object.entries(settings)) {
      if (set === undefined) delete this.overrides[target];
      else this.overrides[target] = { set, by: 'ops', reason: 'as told', untilMs: 8e12 };
    }
    this.round();
  }

  approve(id: string): void {
    this.#approvals.set(id, { by: 'ops', reason: 'meant', atMs: this.nowMs });
    this.round();
    this.#approvals.clear();
  }

  round(): void {
    const { memories, alarms } = guardPolicies({
      applied: { configuration: this.#configuration, revision: this.#revision },
      memories: this.memories,
      kept: this.#kept,
      world: {
        health: this.#health,
        overrides: this.#overrides,
        isConfirmed: () => this.confirmed,
        approvals: this.#approvals,
        nowMs: this.nowMs,
      },
    });
    this.memories = memories;
    this.alarms = alarms;
  }

  holds(policy = 'global') {
    return this.memories.get(policy)?.holds ?? [];
  }

  set(owner: string, type = 'A'): SteeredRecordSet | undefined {
    const held = heldView(this.memories.values(), this.#kept);
    const zones = compileZones(buildTopology(this.#configuration), this.#health, {
      held,
      overrides: this.#overrides,
    });
    const set = zones.get('example.net')?.recordSets.get(`${owner}|${type}`);
    return set?.kind === 'steered' ? set : undefined;
  }

  /** Targets that any client may be answered with. */
  serving(owner = 'go.example.net'): string[] {
    const groups = this.set(owner)?.groups ?? [];
    return [...new Set(groups.flatMap(({ answers }) => answers.map(({ target }) => target)))].toSorted();
  }

  readonly #overrides: OverrideView = {
    inForce: (target) => (Object.hasOwn(this.overrides, target) ? this.overrides[target] : undefined),
    beginsWithin: () => false,
  };

  readonly #health: HealthView = (_monitor, target) => {
    const state = this.states[target] ?? 'up';
    return { state, ipv4: state, ipv6: state, reason: 'as told' };
  };
}
