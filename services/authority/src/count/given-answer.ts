/**
 * What a policy gave for the query at hand, for whoever samples: kept apart from what is chosen, which a chain of
 * aliases overwrites. Hot path: one per worker, allocates nothing.
 */
import { MAX_SAMPLED_TARGETS } from '@signpost/contracts/sampled-bounds';

import type { Policy } from '../replica/zone.ts';

export class GivenAnswer {
  /** Undefined: nothing was steered. */
  policy: Policy | undefined;
  ttlSeconds = 0;
  group = 0;
  /** Entries of the name and its zone in the image. */
  name = 0;
  zone = 0;
  /** Slots of `TargetTimes`; only the first `count` hold. */
  readonly slots = new Int32Array(MAX_SAMPLED_TARGETS);
  count = 0;

  begin(policy: Policy, ttlSeconds: number, group: number, name: number, zone: number): void {
    this.policy = policy;
    this.ttlSeconds = ttlSeconds;
    this.group = group;
    this.name = name;
    this.zone = zone;
    this.count = 0;
  }

  /** What is beyond the most is left out. */
  add(slot: number): void {
    if (this.count === MAX_SAMPLED_TARGETS) return;
    this.slots[this.count] = slot;
    this.count += 1;
  }
}
