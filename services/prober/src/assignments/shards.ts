/**
 * H1: the shards of a vantage, put together into one list. Pure state, no messaging: bytes come in, a list goes out.
 */
import { decodeJson } from '@signpost/contracts/decode';
import { pairKey } from '@signpost/contracts/names';
import { assignmentShardSchema, type Assignment } from '@signpost/contracts/probe-assignment';

export type ShardOutcome =
  | { readonly kind: 'taken' }
  /** The last good one of that shard stays in force. */
  | { readonly kind: 'refused'; readonly reason: string };

export class Shards {
  readonly #vantage: string;
  readonly #byKey = new Map<string, readonly Assignment[]>();

  constructor(vantage: string) {
    this.#vantage = vantage;
  }

  /** `value` undefined: the shard was deleted. */
  set(key: string, value: Uint8Array | undefined): ShardOutcome {
    if (value === undefined) {
      this.#byKey.delete(key);
      return { kind: 'taken' };
    }
    const shard = decodeJson(assignmentShardSchema, value);
    if (!shard.ok) return { kind: 'refused', reason: shard.reason };
    if (shard.value.vantage !== this.#vantage) {
      return { kind: 'refused', reason: `vantage: expected ${this.#vantage}, got ${shard.value.vantage}` };
    }
    this.#byKey.delete(key); // the newest goes last, see `list`
    this.#byKey.set(key, shard.value.assignments);
    return { kind: 'taken' };
  }

  /** Each pair once; one that moves to another shard is in both for a moment, and then the newer shard speaks. */
  list(): readonly Assignment[] {
    const pairs = new Map<string, Assignment>();
    for (const assignments of this.#byKey.values()) {
      for (const assignment of assignments)
        pairs.set(pairKey(assignment.monitor, assignment.target), assignment);
    }
    return [...pairs.values()];
  }
}
