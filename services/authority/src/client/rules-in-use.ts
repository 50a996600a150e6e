/**
 * Which different sets of rules on clients there are, and how many record sets have each. Must not know of tables.
 */
import { decidingKey, type DecidingPart } from '@signpost/policy/client-rules';

import { NotedSets } from '../replica/noted-sets.ts';
import type { RecordSink } from '../replica/record-sink.ts';

export interface UsedRules {
  readonly key: string;
  readonly part: DecidingPart;
  /** Record sets being answered from that have them. */
  count: number;
}

export class RulesInUse {
  /** Sets whose rules look at nothing have none. */
  readonly #sets: NotedSets<UsedRules>;
  /** Those in use and those under way, by key. */
  readonly #known = new Map<string, UsedRules>();

  /** Called when all workers answer by what has changed. */
  constructor(onChange: () => void) {
    this.#sets = new NotedSets({
      noteOf: (set) => (set.kind === 'steered' ? this.#rulesOf(set) : undefined),
      onChange: (before, after) => {
        if (after !== undefined) after.count += 1;
        if (before !== undefined) before.count -= 1;
      },
      onSettled: () => {
        this.#forgetUnused();
        onChange();
      },
    });
  }

  /** Undefined: no record set has them. */
  get(key: string): UsedRules | undefined {
    const rules = this.#known.get(key);
    return rules !== undefined && rules.count > 0 ? rules : undefined;
  }

  *all(): Iterable<UsedRules> {
    for (const rules of this.#known.values()) if (rules.count > 0) yield rules;
  }

  /** A sink that passes everything on. */
  watching(sink: RecordSink): RecordSink {
    return this.#sets.watching(sink);
  }

  /** What is under way is counted when it is in use. */
  #forgetUnused(): void {
    if (this.#sets.isUnderWay) return;
    for (const { key, count } of this.#known.values()) if (count === 0) this.#known.delete(key);
  }

  #rulesOf({ rules, views, branches }: DecidingPart): UsedRules | undefined {
    const key = decidingKey({ rules, views, branches });
    if (key === undefined) return undefined;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made: UsedRules = { key, part: { rules, views, branches }, count: 0 };
    this.#known.set(key, made);
    return made;
  }
}
