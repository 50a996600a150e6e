/**
 * H2: the loop that starts what is due. One timer for all checks; probes at once are bounded, in all and per host; a
 * check whose last probe still runs is skipped, so a slow target costs few connections and delays nobody else.
 * Probes besides those due (`probeSoon`) overlap with what runs: that is what they are for.
 * It must not know what a probe is, nor what its result means.
 */
import type { Clock } from '@signpost/lifecycle/clock';

import { createAlarm, type Alarm } from './alarm.ts';
import { DueQueue, type Due } from './due-queue.ts';
import type { PlannedCheck } from './plan-checks.ts';
import { firstDelayMs, nextDueMs } from './probe-schedule.ts';
import { ProbeSlots, type Job, type SlotLimits } from './probe-slots.ts';

/**
 * All vantages begin with a new check at once. The next probe is for the phase that parts them, and comes after a tenth
 * of the interval at the soonest: as if the first had been so long ago.
 */
const PART_AFTER_FIRST = 0.4;

export interface ScheduleOptions {
  readonly clock: Clock;
  /** From `proberShift`. */
  readonly shift: number;
  /** Probes at once, at most. */
  readonly limits: SlotLimits;
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
  /** Of the probes besides those due that are still to begin; a slip with another one is void. */
  extra: Extra | undefined;
  /** When it was last due, monotonic; undefined before the first time. */
  lastMs: number | undefined;
  /** Probes that run or wait for a slot. */
  busy: number;
  readonly gone: AbortController;
}

/** Nothing but itself: what one call of `probeSoon` asked for. */
type Extra = object;

interface Slip extends Due {
  readonly entry: Entry;
  readonly extra: Extra | undefined;
}

interface Waiting extends Job {
  readonly slip: Slip;
}

/** Nobody reads it, and without one each abort would make an error with a stack. */
const GONE = 'gone';

export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #alarm: Alarm;
  readonly #entries = new Map<string, Entry>();
  readonly #queue = new DueQueue<Slip>();
  readonly #slots: ProbeSlots<Waiting>;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#alarm = createAlarm(options.clock);
    this.#slots = new ProbeSlots(options.limits, {
      start: (waiting) => this.#start(waiting),
      // What was due stays wanted while its check is there; what was asked for besides, until it is called off.
      isWanted: ({ slip: { entry, extra } }) =>
        !entry.gone.signal.aborted && (extra === undefined || entry.extra === extra),
      dropped: ({ slip: { entry } }) => {
        entry.busy -= 1;
      },
    });
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

  /** Probes a check so long from now each, besides when it is due; those asked for before that did not begin are off. */
  probeSoon(key: string, delaysMs: readonly number[]): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    const extra = delaysMs.length === 0 ? undefined : {};
    entry.extra = extra;
    const nowMs = this.#options.clock.monotonic();
    for (const delayMs of delaysMs) this.#queue.add({ entry, extra, dueMs: nowMs + delayMs });
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
      const { entry, extra } = slip;
      if (!isWanted(slip)) continue;
      if (extra === undefined) {
        const { intervalMs } = entry.planned.assignment;
        const agoMs = entry.lastMs === undefined ? intervalMs * PART_AFTER_FIRST : 0;
        entry.lastMs = nowMs;
        this.#enqueue(entry, nowMs + this.#untilNext(entry.planned, agoMs));
        if (entry.busy > 0) {
          this.#options.observe.skipped(entry.planned);
          continue;
        }
      }
      entry.busy += 1;
      this.#slots.offer({ slip, host: entry.planned.check.address });
    }
  }

  #start(waiting: Waiting): void {
    const { entry, dueMs } = waiting.slip;
    this.#options.observe.started(entry.planned, this.#options.clock.monotonic() - dueMs);
    const running = this.#options
      .probe(entry.planned, entry.gone.signal)
      .catch((error: unknown) => {
        this.#failure ??= { error };
        this.#alarm.ring();
      })
      .finally(() => {
        entry.busy -= 1;
        this.#running.delete(running);
        this.#slots.ended(waiting);
      });
    this.#running.add(running);
  }

  #add(planned: PlannedCheck, delayMs: number): void {
    const entry: Entry = {
      planned,
      slip: undefined,
      extra: undefined,
      lastMs: undefined,
      busy: 0,
      gone: new AbortController(),
    };
    this.#enqueue(entry, this.#options.clock.monotonic() + delayMs);
    this.#entries.set(planned.key, entry);
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key);
    entry.slip = undefined;
    entry.extra = undefined;
    entry.gone.abort(GONE);
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
    const slip = { entry, extra: undefined, dueMs };
    entry.slip = slip;
    this.#queue.add(slip);
  }

  /**
   * Milliseconds from now until the check is due after a probe `agoMs` ago. The wall clock is asked for its
   * phase alone and the queue counts monotonic time: a jump of the wall clock shifts probes, it cannot stop them.
   */
  #untilNext({ assignment: { intervalMs, phase } }: PlannedCheck, agoMs: number): number {
    const wallMs = this.#options.clock.now();
    return nextDueMs(wallMs - agoMs, { intervalMs, phase, shift: this.#options.shift }) - wallMs;
  }
}

function isWanted(slip: Slip): boolean {
  return slip.extra === undefined ? slip.entry.slip === slip : slip.entry.extra === slip.extra;
}
