/**
 * Whether the time windows of a condition are open, and when that changes next.
 *
 * A window is a span between two instants for each day on which it begins. The instant that belongs to a time of day
 * is the first at which clocks of the zone show that time or a later one: a time that is skipped in spring means the
 * moment at which they jump, one that is repeated in autumn the first of the two. So windows that follow one another
 * on the clock do so in fact, without a gap and without an overlap.
 *
 * The clock is an argument. Cold path: to work out a window costs some 0.2 ms, and is done once between two changes.
 */
import { WEEKDAYS, type TimeWindow } from '@signpost/contracts/policy-configuration';

import { firstInstantAt, wallClockMs } from './zone-time.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** A window may end two days after the one it belongs to began (`from` and `to` 24:00), and clocks may be set back over midnight. */
const DAYS_BEFORE = 3;
/** A window of one day a week may be skipped as a whole, when clocks jump over it. */
const DAYS_AHEAD = 15;

/** Milliseconds since 1970; never empty. */
interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** What holds for a window from one time until just before another. */
interface Standing extends Span {
  readonly isOpen: boolean;
}

/** Worked out once between two changes, since every record of a policy asks. */
const STANDINGS = new WeakMap<TimeWindow, Standing>();

/** Whether one of the windows is open at that time. Throws RangeError for an unknown zone: it was not checked. */
export function isOpen(windows: readonly TimeWindow[], nowMs: number): boolean {
  return windows.some((window) => standingAt(window, nowMs).isOpen);
}

/** The next time after `nowMs` at which a window opens or closes; Infinity when none does, as those that are always open. */
export function nextTimeWindowChange(windows: readonly TimeWindow[], nowMs: number): number {
  return Math.min(Number.POSITIVE_INFINITY, ...windows.map((window) => standingAt(window, nowMs).endMs));
}

function standingAt(window: TimeWindow, nowMs: number): Standing {
  const known = STANDINGS.get(window);
  if (known !== undefined && known.startMs <= nowMs && nowMs < known.endMs) return known;
  const standing = findStanding(window, nowMs);
  STANDINGS.set(window, standing);
  return standing;
}

function findStanding(window: TimeWindow, nowMs: number): Standing {
  const spans = spansAround(window, nowMs);
  const open = spans.find(({ startMs, endMs }) => startMs <= nowMs && nowMs < endMs);
  if (open === undefined) {
    const next = spans.find(({ startMs }) => startMs > nowMs);
    return { isOpen: false, startMs: nowMs, endMs: next?.startMs ?? Number.POSITIVE_INFINITY };
  }
  let { endMs } = open;
  for (const { startMs, endMs: end } of spans) if (startMs === endMs) endMs = end; // it goes on without a break
  // As far as was looked: then it is open always.
  return {
    isOpen: true,
    startMs: open.startMs,
    endMs: endMs === spans.at(-1)!.endMs ? Number.POSITIVE_INFINITY : endMs,
  };
}

/** Those of the days around, in order. */
function spansAround(window: TimeWindow, nowMs: number): Span[] {
  const today = Math.floor(wallClockMs(window.zone, nowMs) / DAY_MS);
  const days = Array.from({ length: DAYS_BEFORE + 1 + DAYS_AHEAD }, (_, i) => today - DAYS_BEFORE + i);
  return days.flatMap((day) => spanOf(window, day));
}

/** `day`: since 1970-01-01, as the zone's calendar counts. None when the window does not begin on it or is skipped. */
function spanOf({ days, from, to, zone }: TimeWindow, day: number): Span[] {
  if (days !== undefined && !days.includes(weekdayOf(day))) return [];
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const startMs = firstInstantAt(zone, day * DAY_MS + begin * MINUTE_MS);
  const endMs = firstInstantAt(zone, (end > begin ? day : day + 1) * DAY_MS + end * MINUTE_MS);
  return endMs > startMs ? [{ startMs, endMs }] : [];
}

/** 1970-01-01 was a Thursday. */
function weekdayOf(day: number): (typeof WEEKDAYS)[number] {
  return WEEKDAYS[(((day + 3) % 7) + 7) % 7]!;
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
