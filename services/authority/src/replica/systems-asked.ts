/**
 * Which record sets have rules on autonomous systems. For an authority that has no database of them, where such rules
 * match nobody: that must be told, since all answers look well.
 */
import { parseRecordSetField } from '@signpost/contracts/keys';
import type { RecordSet } from '@signpost/contracts/record-set';

import { NotedSets } from './noted-sets.ts';
import type { RecordSink } from './record-sink.ts';

export class SystemsAsked {
  /** `owner|TYPE` of each set that asks. */
  readonly #asking: NotedSets<string>;
  #count = 0;
  /** Of the last time that all was told. */
  #settledCount = 0;

  /** `onFirst`: told of one when there were none before. */
  constructor(onFirst: (owner: string) => void) {
    this.#asking = new NotedSets({
      noteOf: (set, field) => (asks(set) ? field : undefined),
      onChange: (before, after) => {
        this.#count += Number(after !== undefined) - Number(before !== undefined);
      },
      onSettled: () => {
        const hadNone = this.#settledCount === 0;
        this.#settledCount = this.#count;
        const [first] = hadNone ? this.#asking.notes() : [];
        if (first !== undefined) onFirst(parseRecordSetField(first).owner);
      },
    });
  }

  /** Record sets being answered from. */
  get count(): number {
    return this.#count;
  }

  /** A sink that passes everything on. */
  watching(sink: RecordSink): RecordSink {
    return this.#asking.watching(sink);
  }
}

function asks(set: RecordSet): boolean {
  if (set.kind === 'static') return false;
  const rules = [...set.rules, ...(set.views ?? []).flatMap((view) => view.rules ?? [])];
  return rules.some(({ when = [] }) => when.some(({ asns }) => asns !== undefined));
}
