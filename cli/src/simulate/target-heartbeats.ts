/** Heartbeats of targets whose monitor is `push`: sent as often as expected, but those that fail. */
import type { Input } from '@signpost/controller/reconcile/take-inputs';
import type { Topology } from '@signpost/controller/topology/topology';

import type { Chance } from './chance.ts';
import type { TargetsState } from './targets-state.ts';

export class TargetHeartbeats {
  /** By target: how often. */
  readonly #everyMs: ReadonlyMap<string, number>;
  readonly #dueMs = new Map<string, number>();
  readonly #targets: TargetsState;
  readonly #chance: Chance;

  constructor({ listening, pairs }: Topology, targets: TargetsState, chance: Chance) {
    this.#targets = targets;
    this.#chance = chance;
    this.#everyMs = new Map(
      [...listening].map(([target, keys]) => {
        const rules = keys.map((key) => pairs.get(key)!.rule);
        this.#dueMs.set(target, 0);
        return [
          target,
          Math.min(...rules.map((rule) => (rule.kind === 'heartbeat' ? rule.expectEveryMs : Infinity))),
        ];
      }),
    );
  }

  get nextMs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#dueMs.values());
  }

  /** Those due by `nowMs`, each once. */
  at(nowMs: number): Input[] {
    const inputs: Input[] = [];
    for (const [target, everyMs] of this.#everyMs) {
      if (nowMs < this.#dueMs.get(target)!) continue;
      this.#dueMs.set(target, nowMs + everyMs);
      const ailment = this.#targets.of(target);
      if (ailment !== undefined && this.#chance.uniform() < ailment.failing) continue;
      inputs.push({ kind: 'heartbeat', target, heartbeat: { status: 'up' }, heardAtMs: nowMs });
    }
    return inputs;
  }
}
