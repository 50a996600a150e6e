/**
 * When each target that left the answers was last given, over all workers: asked once for each leaving, since what
 * left is not given any more. For heartbeats.
 */
import { MAX_LAST_ANSWERS, type AuthorityHeartbeat } from '@signpost/contracts/heartbeats';

export interface LastAnswersOptions {
  /** Name -> number of its leaving. */
  readonly retired: () => ReadonlyMap<string, number>;
  /** The latest time of any worker for each name, milliseconds since 1970; 0: never. */
  readonly timesOf: (targets: readonly string[]) => Promise<readonly number[]>;
}

/** No cache keeps an answer that long. */
const TOLD_FOR_MS = 86_400_000;

export class LastAnswers {
  readonly #options: LastAnswersOptions;
  #known = new Map<string, { readonly leaving: number; readonly atMs: number }>();

  constructor(options: LastAnswersOptions) {
    this.#options = options;
  }

  /** Rejects when a worker ended. */
  async read(nowMs: number): Promise<Pick<AuthorityHeartbeat, 'lastAnswers' | 'lastAnswersCut'>> {
    const retired = new Map(this.#options.retired());
    const unknown = [...retired].filter(([target, leaving]) => this.#known.get(target)?.leaving !== leaving);
    const names = unknown.map(([target]) => target);
    const times = names.length === 0 ? [] : await this.#options.timesOf(names);
    const known = new Map([...this.#known].filter(([target]) => retired.has(target)));
    for (const [index, [target, leaving]] of unknown.entries()) {
      known.set(target, { leaving, atMs: Math.ceil(times[index]!) });
    }
    this.#known = known;
    const told = [...known]
      .map(([target, { atMs }]) => ({ target, atMs }))
      .filter(({ atMs }) => atMs > 0 && nowMs - atMs < TOLD_FOR_MS)
      .toSorted((a, b) => b.atMs - a.atMs);
    return { lastAnswers: told.slice(0, MAX_LAST_ANSWERS), lastAnswersCut: told.length > MAX_LAST_ANSWERS };
  }
}
