/**
 * Asks the controller until no cache can hold an answer with the targets any more. Knows nothing of how that is
 * drawn; a controller that is away for a moment is asked again.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { drainSchema, type Drain } from '@signpost/contracts/drain';

import { askApi, type ApiOptions } from './api-client.ts';
import { ApiError } from './api-error.ts';

export interface WaitOptions {
  readonly api: ApiOptions;
  readonly timeoutMs: number;
  /** A target came into another phase, or is waited for on account of something else. */
  readonly onChange: (drain: Drain) => void;
  /** Those not empty yet, at each look. */
  readonly onTick: (drains: readonly Drain[]) => void;
  readonly onTrouble: (message: string) => void;
}

export type Waited =
  | { readonly outcome: 'empty'; readonly drains: readonly Drain[] }
  | {
      readonly outcome: 'timed_out' | 'overruled';
      readonly drains: readonly Drain[];
      readonly reason: string;
    };

const LOOK_EVERY_MS = 500;
const ASKED_AT_ONCE = 16;

export async function waitForDrains(targets: readonly string[], options: WaitOptions): Promise<Waited> {
  const found = new Map<string, Drain>();
  const endMs = performance.now() + options.timeoutMs;
  for (;;) {
    const left = targets.filter((target) => found.get(target)?.phase !== 'empty');
    const overruled = await look(left, found, options);
    const drains = targets.flatMap((target) => found.get(target) ?? []);
    if (overruled !== undefined) return { outcome: 'overruled', drains, reason: overruled };
    const waiting = drains.filter(({ phase }) => phase !== 'empty');
    if (waiting.length === 0 && drains.length === targets.length) return { outcome: 'empty', drains };
    options.onTick(waiting);
    if (performance.now() >= endMs) return { outcome: 'timed_out', drains, reason: timedOut(waiting) };
    await sleep(LOOK_EVERY_MS);
  }
}

/** Returns why waiting is in vain. */
async function look(
  targets: readonly string[],
  found: Map<string, Drain>,
  { api, onChange, onTrouble }: WaitOptions,
): Promise<string | undefined> {
  for (let at = 0; at < targets.length; at += ASKED_AT_ONCE) {
    const asked = targets.slice(at, at + ASKED_AT_ONCE);
    let drains: readonly Drain[];
    try {
      drains = await Promise.all(asked.map((target) => askApi(api, `/api/v1/drains/${target}`, drainSchema)));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      onTrouble(`${error.message}; asking again`);
      return undefined;
    }
    for (const drain of drains) {
      const before = found.get(drain.target);
      const isLifted = drain.phase === 'none' && before !== undefined && before.phase !== 'none';
      if (isLifted || drain.override?.set === 'up') return `${drain.target}: ${drain.reason}`;
      found.set(drain.target, drain);
      const changed = before?.phase !== drain.phase || before.reason !== drain.reason;
      // Until the controller heard of the override there is none; and what is empty is told at the end.
      if (changed && drain.phase !== 'none' && drain.phase !== 'empty') onChange(drain);
    }
  }
  return undefined;
}

function timedOut(waiting: readonly Drain[]): string {
  const [first] = waiting;
  return first === undefined
    ? 'timed out: the controller did not answer'
    : `timed out: ${first.target}: ${first.reason}`;
}
