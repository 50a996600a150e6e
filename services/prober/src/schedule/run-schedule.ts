/**
 * H2: the loop that starts what is due. One timer for all checks; the concurrency is bounded; a check whose last
 * probe still runs is skipped, so a slow target costs one connection and delays nobody else.
 * It must not know what a probe is, nor what its result means.
 */
import type { Clock } from '@signpost/lifecycle/clock';

import { createAlarm, type Alarm } from './alarm.ts';
import { DueQueue, type Due } from './due-queue.ts';
import type { PlannedCheck } from './plan-checks.ts';
import { firstDelayMs, nextDueMs, type Timing } from './probe-schedule.ts';

export interface ScheduleOptions {
  readonly clock: Clock;
  /** From `proberShift`. */
  readonly shift: number;
  /** Probes at once, at most. */
  readonly concurrency: number;
  /** Probes once and deals with the result; a rejection ends the loop. The signal fires when the check is gone. */
  readonly probe: (planned: PlannedCheck, signal: AbortSignal) => Promise<void>;
  readonly observe: {
    started(planned: PlannedCheck, latenessMs: number): void;
    skipped(planned: PlannedCheck): void;
  };
}

interface Entry {
  planned: PlannedCheck;
  /** Its place in the queue; a slip that is not this one is void. */
  slip: Slip | undefined;
  /** When it was last due, monotonic; undefined before the first time. */
  lastMs: number | undefined;
  occupied: 'no' | 'waiting' | 'running';
  readonly gone: AbortController;
}

interface Slip extends Due {
  readonly entry: Entry;
}

interface Waiting {
  readonly entry: Entry;
  readonly dueMs: number;
}

export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #alarm: Alarm;
  readonly #entries = new Map<string, Entry>();
  readonly #queue = new DueQueue<Slip>();
  readonly #waiting: Waiting[] = [];
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#alarm = createAlarm(options.clock);
  }

  /** Makes these the checks: new ones are probed at once, gone ones are aborted, the others go on. */
  replace(checks: readonly PlannedCheck[]): void {
    const wanted = new Map(checks.map((planned) => [planned.key, planned]));
    for (const [key, entry] of this.#entries) {
      if (wanted.get(key)?.subject !== entry.planned.subject) this.#drop(key, entry);
    }
    const fresh: PlannedCheck[] = [];
    for (const planned of wanted.values()) {
      const entry = this.#entries.get(planned.key);
      if (entry === undefined) fresh.push(planned);
      else this.#retime(entry, planned);
    }
    for (const [i, planned] of fresh.entries())
      this.#add(planned, firstDelayMs(i, fresh.length, planned.assignment.intervalMs));
    this.#alarm.ring();
  }

  /** Runs until the signal fires, then aborts what is under way and waits for it. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', this.#alarm.ring, { once: true });
    try {
      while (!signal.aborted) {
        this.#startDue();
        const waitMs = (this.#queue.nextDueMs ?? Infinity) - this.#options.clock.monotonic();
        await this.#alarm.wait(waitMs);
        // A flag, not a promise to race with: each race would leave something behind in it.
        if (this.#failure !== undefined) throw this.#failure.error;
      }
    } finally {
      signal.removeEventListener('abort', this.#alarm.ring);
      for (const [key, entry] of this.#entries) this.#drop(key, entry);
      await Promise.allSettled(this.#running);
    }
  }

  #startDue(): void {
    const nowMs = this.#options.clock.monotonic();
    for (let slip = this.#queue.takeDue(nowMs); slip !== undefined; slip = this.#queue.takeDue(nowMs)) {
      const { entry } = slip;
      if (entry.slip !== slip) continue;
      entry.lastMs = nowMs;
      this.#enqueue(entry, nowMs + this.#untilNext(entry.planned, 0));
      if (entry.occupied !== 'no') this.#options.observe.skipped(entry.planned);
      else this.#waitOrStart({ entry, dueMs: slip.dueMs });
    }
  }

  #waitOrStart(waiting: Waiting): void {
    if (this.#running.size < this.#options.concurrency) return this.#start(waiting);
    waiting.entry.occupied = 'waiting';
    this.#waiting.push(waiting);
  }

  #start({ entry, dueMs }: Waiting): void {
    entry.occupied = 'running';
    this.#options.observe.started(entry.planned, this.#options.clock.monotonic() - dueMs);
    const running = this.#options
      .probe(entry.planned, entry.gone.signal)
      .catch((error: unknown) => {
        this.#failure ??= { error };
        this.#alarm.ring();
      })
      .finally(() => {
        entry.occupied = 'no';
        this.#running.delete(running);
        this.#startWaiting();
      });
    this.#running.add(running);
  }

  #startWaiting(): void {
    while (this.#running.size < this.#options.concurrency) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (!next.entry.gone.signal.aborted) this.#start(next);
    }
  }

  #add(planned: PlannedCheck, delayMs: number): void {
    const gone = new AbortController();
    const entry: Entry = { planned, slip: undefined, lastMs: undefined, occupied: 'no', gone };
    this.#enqueue(entry, this.#options.clock.monotonic() + delayMs);
    this.#entries.set(planned.key, entry);
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key);
    entry.slip = undefined;
    entry.gone.abort();
  }

  /** Another interval or phase counts from the last probe, so that changing it often does not put probes off. */
  #retime(entry: Entry, planned: PlannedCheck): void {
    const { intervalMs, phase } = entry.planned.assignment;
    const changed = intervalMs !== planned.assignment.intervalMs || phase !== planned.assignment.phase;
    entry.planned = planned;
    if (!changed || entry.lastMs === undefined) return;
    const nowMs = this.#options.clock.monotonic();
    this.#enqueue(entry, nowMs + Math.max(0, this.#untilNext(planned, nowMs - entry.lastMs)));
  }

  #enqueue(entry: Entry, dueMs: number): void {
    const slip = { entry, dueMs };
    entry.slip = slip;
    this.#queue.add(slip);
  }

  /**
   * Milliseconds from now until the check is due after a probe `agoMs` ago. The wall clock is asked for its
   * phase alone and the queue counts monotonic time: a jump of the wall clock shifts probes, it cannot stop them.
   */
  #untilNext({ assignment }: PlannedCheck, agoMs: number): number {
    const timing: Timing = {
      intervalMs: assignment.intervalMs,
      phase: assignment.phase,
      shift: this.#options.shift,
    };
    const wallMs = this.#options.clock.now();
    return nextDueMs(wallMs - agoMs, timing) - wallMs;
  }
}
