/**
 * One probe under way: its deadline, the step it is at, the sockets it opened. Whatever happens, `runAttempt`
 * returns by the deadline and leaves no socket behind. It must not know what is probed.
 */
import { inSeconds } from './reason.ts';
import type { ProbeResult } from './probe-result.ts';

export interface Attempt {
  /**
   * Names what is being waited for, for the reason of a timeout: `waiting for headers`. `isHeldUp`: asked then whether
   * it was not the target's turn at all, and the timeout says nothing of it.
   */
  enter(step: string, isHeldUp?: () => boolean): void;
  /** Makes the attempt answerable for a socket or session: it is destroyed at the end, last come first. */
  own(opened: Destroyable): void;
}

/** What sockets, HTTP/2 sessions and child processes have in common for us, some with a few words more. */
export interface Destroyable {
  on(event: 'error', listener: () => void): unknown;
  destroy(): unknown;
}

/** A deadline noticed this much too late means that the process stood still, and perhaps the answer is here. */
const HELD_UP_MS = 100;

export async function runAttempt(
  timeoutMs: number,
  signal: AbortSignal,
  conduct: (attempt: Attempt) => Promise<ProbeResult>,
): Promise<ProbeResult> {
  const owned: Destroyable[] = [];
  let step: Step = { text: 'starting', isHeldUp: never };
  const limits = startLimits(timeoutMs, signal, () => step);
  const attempt: Attempt = {
    enter: (text, isHeldUp = never) => {
      step = { text, isHeldUp };
    },
    own: (opened) => {
      if (limits.over()) destroy(opened);
      else owned.push(opened);
    },
  };
  try {
    return await Promise.race([limits.cutShort, conduct(attempt)]);
  } finally {
    limits.end();
    for (let i = owned.length - 1; i >= 0; i -= 1) destroy(owned[i]!);
  }
}

function destroy(opened: Destroyable): void {
  opened.on('error', () => {}); // what a socket says after its probe is over concerns nobody
  opened.destroy();
}

interface Step {
  readonly text: string;
  readonly isHeldUp: () => boolean;
}

const never = (): boolean => false;

interface Limits {
  /** Resolves, never rejects, when the deadline passed or the probe was called off. */
  readonly cutShort: Promise<ProbeResult>;
  over(): boolean;
  end(): void;
}

function startLimits(timeoutMs: number, signal: AbortSignal, step: () => Step): Limits {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  const startedMs = performance.now();
  let over = false;
  const cut = (result: ProbeResult) => {
    over = true;
    resolve(result);
  };
  const deadline = setTimeout(() => {
    const lateMs = performance.now() - startedMs - timeoutMs;
    if (lateMs <= HELD_UP_MS) {
      const { text, isHeldUp } = step();
      const after = `after ${inSeconds(timeoutMs)} while ${text}`;
      cut(
        isHeldUp()
          ? { kind: 'inconclusive', reason: `prober was held up: timeout ${after} behind others` }
          : { kind: 'fail', reason: `timeout ${after}` },
      );
    } else {
      // Timers run before sockets are read: let what arrived in the meantime speak first.
      setImmediate(() =>
        cut({ kind: 'inconclusive', reason: `prober was held up for ${Math.round(lateMs)} ms` }),
      );
    }
  }, timeoutMs);
  const calledOff = () => cut({ kind: 'inconclusive', reason: 'probe was called off' });
  signal.addEventListener('abort', calledOff, { once: true });
  if (signal.aborted) calledOff();
  return {
    cutShort: promise,
    over: () => over,
    end: () => {
      over = true;
      clearTimeout(deadline);
      signal.removeEventListener('abort', calledOff);
    },
  };
}
