/**
 * Clocks of time zones: what they show at an instant, and the instant at which they show something. A wall clock's
 * reading is given as the milliseconds since 1970 that it would be in UTC.
 */

const HOUR_MS = 3_600_000;
/** Further apart than any two clocks of the world, so that a change of the offset lies between. */
const AROUND_MS = 36 * HOUR_MS;

/** Costly to make: one for each zone. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** What the zone's clocks show, to the second. Throws RangeError for an unknown zone. */
export function wallClockMs(zone: string, atMs: number): number {
  const seconds = Math.floor(atMs / 1_000) * 1_000;
  return seconds + offsetMs(zone, seconds);
}

/**
 * The first instant at which the zone's clocks show `wallMs` or later. Where they are set back over it, that is the
 * first of the two times that they show it; where they jump over it, the moment of the jump.
 */
export function firstInstantAt(zone: string, wallMs: number): number {
  const before = offsetMs(zone, wallMs - AROUND_MS);
  const after = offsetMs(zone, wallMs + AROUND_MS);
  const candidates = before >= after ? [before, after] : [after, before];
  for (const offset of candidates) {
    if (wallClockMs(zone, wallMs - offset) === wallMs) return wallMs - offset;
  }
  return momentOfJump(zone, wallMs, wallMs - after, wallMs - before);
}

/** Between the two the clocks jump from a time before `wallMs` to one behind it. To the second. */
function momentOfJump(zone: string, wallMs: number, earliestMs: number, latestMs: number): number {
  let [low, high] = [earliestMs / 1_000, latestMs / 1_000];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (wallClockMs(zone, middle * 1_000) >= wallMs) high = middle;
    else low = middle;
  }
  return high * 1_000;
}

/** How far the zone's clocks are ahead of UTC. */
function offsetMs(zone: string, atMs: number): number {
  if (zone === 'UTC') return 0;
  const fields = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of formatOf(zone).formatToParts(atMs)) {
    if (Object.hasOwn(fields, type)) fields[type as keyof typeof fields] = Number(value);
  }
  const { year, month, day, hour, minute, second } = fields;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1_000) * 1_000;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  FORMATS.set(zone, format);
  return format;
}
