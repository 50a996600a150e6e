/**
 * Waits until a condition holds, by asking again until a deadline. The error
 * shows what was seen last. It must not be used to retry an action.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface EventuallyOptions {
  /** How long the condition may take; default 5,000. */
  readonly deadlineMs?: number;
  /** Pause between two looks; default 10. */
  readonly pauseMs?: number;
  /** What is waited for, in words, for the error. */
  readonly what?: string;
}

/** Returns the first value that passes. A look or a check that throws counts as "not yet". */
export async function eventually<T>(
  look: () => T | Promise<T>,
  passes: (value: T) => unknown = Boolean,
  { deadlineMs = 5_000, pauseMs = 10, what = 'the condition' }: EventuallyOptions = {},
): Promise<T> {
  const giveUpAt = performance.now() + deadlineMs;
  let last: Seen<T>;
  for (;;) {
    last = await seen(look, passes);
    if (last.kind === 'passed') return last.value;
    if (performance.now() >= giveUpAt) break;
    await wait(pauseMs);
  }
  const ending = last.kind === 'threw' ? 'the last look threw' : 'the last value was';
  const cause = last.kind === 'threw' ? { cause: last.error } : undefined;
  const shown = last.kind === 'threw' ? String(last.error) : inspect(last.value, { depth: 6 });
  throw new Error(`${what} did not hold within ${deadlineMs} ms; ${ending} ${shown}`, cause);
}

type Seen<T> =
  | { readonly kind: 'passed' | 'other'; readonly value: T }
  | { readonly kind: 'threw'; readonly error: unknown };

/** A look that never ends would outlive the deadline; callers give their looks a time limit of their own. */
async function seen<T>(look: () => T | Promise<T>, passes: (value: T) => unknown): Promise<Seen<T>> {
  try {
    const value = await look();
    return { kind: (await passes(value)) ? 'passed' : 'other', value };
  } catch (error) {
    return { kind: 'threw', error };
  }
}
