/**
 * Which targets left this node's answers: counts the record sets that hold each target; one leaves when all workers
 * have applied what takes the last of them away. Must not know when a target was answered.
 */
import type { RecordSet } from '@signpost/contracts/record-set';

import { NotedSets } from './noted-sets.ts';
import type { RecordSink } from './record-sink.ts';

/** The last to leave are known; what left before so many others is in no cache any more. */
const MOST_RETIRED = 1_024;
/** Different lists of targets that are shared among the sets that hold them. */
const MOST_LISTS = 10_000;

export class RetiredTargets {
  /** Names of the targets in each set; static ones have none. */
  readonly #targets = new NotedSets<readonly string[]>({
    noteOf: (set) => this.#targetsOf(set),
    onChange: (before = [], after = []) => this.#count(before, after),
  });
  readonly #sets = new Map<string, number>();
  /** In the order they left, with a number that no other leaving has. */
  readonly #retired = new Map<string, number>();
  readonly #lists = new Map<string, readonly string[]>();
  #leavings = 0;

  /** Name -> number of its leaving; the last to leave comes last. */
  get retired(): ReadonlyMap<string, number> {
    return this.#retired;
  }

  /** A sink that passes everything on. */
  watching(sink: RecordSink): RecordSink {
    return this.#targets.watching(sink);
  }

  #count(before: readonly string[], after: readonly string[]): void {
    for (const target of after) {
      this.#sets.set(target, (this.#sets.get(target) ?? 0) + 1);
      this.#retired.delete(target);
    }
    for (const target of before) {
      const left = this.#sets.get(target)! - 1;
      this.#sets.set(target, left);
      if (left === 0) this.#retire(target);
    }
  }

  #retire(target: string): void {
    this.#sets.delete(target);
    this.#leavings += 1;
    this.#retired.set(target, this.#leavings);
    if (this.#retired.size <= MOST_RETIRED) return;
    const [oldest] = this.#retired.keys();
    this.#retired.delete(oldest!);
  }

  #targetsOf(set: RecordSet): readonly string[] | undefined {
    if (set.kind === 'static') return undefined;
    const names = set.groups.flatMap(({ answers }) => answers.map(({ target }) => target));
    return this.#shared([...new Set(names)]);
  }

  #shared(list: readonly string[]): readonly string[] {
    const key = list.join(' ');
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    if (this.#lists.size >= MOST_LISTS) this.#lists.clear();
    this.#lists.set(key, list);
    return list;
  }
}
