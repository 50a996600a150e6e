/**
 * What a policy gave for the query at hand, for whoever samples: kept apart from what is chosen, which a chain of
 * aliases overwrites. Hot path: one per worker, allocates nothing.
 */
import { MAX_SAMPLED_TARGETS } from '@signpost/contracts/answer-sample';

import type { NameNode, SteeredRRset, Zone } from '../replica/zone.ts';

export class GivenAnswer {
  /** Undefined: nothing was steered. */
  set: SteeredRRset | undefined;
  group = 0;
  node: NameNode | undefined;
  zone: Zone | undefined;
  /** Slots of `TargetTimes`; only the first `count` hold. */
  readonly slots = new Int32Array(MAX_SAMPLED_TARGETS);
  count = 0;

  begin(
    set: SteeredRRset | undefined,
    group: number,
    node: NameNode | undefined,
    zone: Zone | undefined,
  ): void {
    this.set = set;
    this.group = group;
    this.node = node;
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
