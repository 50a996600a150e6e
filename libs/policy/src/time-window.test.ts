import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WEEKDAYS, type TimeWindow } from '@signpost/contracts/policy-configuration';
import * as fc from 'fast-check';

import { isOpen, nextTimeWindowChange } from './time-window.ts';

const MINUTE_MS = 60_000;

function windowOf(window: Partial<TimeWindow>): TimeWindow {
  return { from: '00:00', to: '24:00', zone: 'UTC', ...window };
}

const at = (text: string): number => Date.parse(text);

/** Each change from one time on to another, with what it leads to. */
function changes(window: TimeWindow, from: string, until: string): string[] {
  const found: string[] = [];
  let timeMs = at(from);
  for (;;) {
    timeMs = nextTimeWindowChange([window], timeMs);
    if (!(timeMs < at(until))) return found;
    found.push(
      `${new Date(timeMs).toISOString().slice(0, 16)}Z ${isOpen([window], timeMs) ? 'opens' : 'closes'}`,
    );
  }
}

test('a window is open from its first minute until just before its last', () => {
  const office = windowOf({ from: '08:00', to: '18:00' });
  assert.equal(isOpen([office], at('2026-11-26T07:59:59.999Z')), false);
  assert.equal(isOpen([office], at('2026-11-26T08:00:00Z')), true);
  assert.equal(isOpen([office], at('2026-11-26T17:59:59.999Z')), true);
  assert.equal(isOpen([office], at('2026-11-26T18:00:00Z')), false);
  assert.equal(nextTimeWindowChange([office], at('2026-11-26T08:00:00Z')), at('2026-11-26T18:00:00Z'));
});

test('days are those on which a window begins, also when it goes over midnight', () => {
  const night = windowOf({ days: ['fri'], from: '22:00', to: '06:00' });
  assert.deepEqual(changes(night, '2026-11-23T00:00Z', '2026-12-06T00:00Z'), [
    '2026-11-27T22:00Z opens',
    '2026-11-28T06:00Z closes',
    '2026-12-04T22:00Z opens',
    '2026-12-05T06:00Z closes',
  ]);
  assert.equal(isOpen([night], at('2026-11-27T03:00:00Z')), false, 'Friday morning belongs to Thursday');
});

test('an end that is not later than the beginning is on the next day; 24:00 is the end of the day', () => {
  const fromNine = windowOf({ days: ['mon'], from: '09:00', to: '09:00' });
  assert.deepEqual(changes(fromNine, '2026-11-22T00:00Z', '2026-11-29T00:00Z'), [
    '2026-11-23T09:00Z opens',
    '2026-11-24T09:00Z closes',
  ]);
  const evening = windowOf({ days: ['mon'], from: '24:00', to: '24:00' });
  assert.deepEqual(changes(evening, '2026-11-22T00:00Z', '2026-11-29T00:00Z'), [
    '2026-11-24T00:00Z opens',
    '2026-11-25T00:00Z closes',
  ]);
});

test('windows that follow one another without a break do not change; what is always open never does', () => {
  const week = windowOf({ days: [...WEEKDAYS] });
  for (const always of [
    windowOf({}),
    week,
    windowOf({ from: '17:00', to: '17:00', zone: 'Europe/Berlin' }),
  ]) {
    assert.equal(isOpen([always], at('2026-11-26T12:00:00Z')), true);
    assert.equal(nextTimeWindowChange([always], at('2026-11-26T12:00:00Z')), Number.POSITIVE_INFINITY);
  }
  const weekend = windowOf({ days: ['sat', 'sun'] });
  assert.deepEqual(changes(weekend, '2026-11-26T00:00Z', '2026-12-01T00:00Z'), [
    '2026-11-28T00:00Z opens',
    '2026-11-30T00:00Z closes',
  ]);
});

test('of several windows one that is open is enough, and the first change of any counts', () => {
  const windows = [windowOf({ from: '08:00', to: '10:00' }), windowOf({ from: '09:00', to: '12:00' })];
  assert.equal(isOpen(windows, at('2026-11-26T08:30:00Z')), true);
  assert.equal(isOpen(windows, at('2026-11-26T11:00:00Z')), true);
  assert.equal(isOpen(windows, at('2026-11-26T12:00:00Z')), false);
  assert.equal(nextTimeWindowChange(windows, at('2026-11-26T08:30:00Z')), at('2026-11-26T09:00:00Z'));
  assert.equal(isOpen([], at('2026-11-26T12:00:00Z')), false);
  assert.equal(nextTimeWindowChange([], 0), Number.POSITIVE_INFINITY);
});

test('a window keeps to the clocks of its zone, summer and winter', () => {
  const office = windowOf({ from: '08:00', to: '18:00', zone: 'Europe/Berlin' });
  assert.deepEqual(changes(office, '2026-03-28T00:00Z', '2026-03-30T00:00Z'), [
    '2026-03-28T07:00Z opens',
    '2026-03-28T17:00Z closes',
    '2026-03-29T06:00Z opens',
    '2026-03-29T16:00Z closes',
  ]);
  assert.deepEqual(changes(office, '2026-10-24T00:00Z', '2026-10-26T00:00Z'), [
    '2026-10-24T06:00Z opens',
    '2026-10-24T16:00Z closes',
    '2026-10-25T07:00Z opens',
    '2026-10-25T17:00Z closes',
  ]);
});

test('Berlin in spring: a time that is skipped means the moment of the jump', () => {
  const span = ['2026-03-29T00:00Z', '2026-03-29T12:00Z'] as const;
  const berlin = (from: string, to: string) =>
    changes(windowOf({ from, to, zone: 'Europe/Berlin' }), ...span);
  assert.deepEqual(berlin('01:30', '02:30'), ['2026-03-29T00:30Z opens', '2026-03-29T01:00Z closes']);
  assert.deepEqual(berlin('02:30', '04:00'), ['2026-03-29T01:00Z opens', '2026-03-29T02:00Z closes']);
  assert.deepEqual(berlin('02:15', '02:45'), [], 'none of it exists');
});

test('Berlin in autumn: a time that is repeated means the first of the two', () => {
  const span = ['2026-10-24T22:30Z', '2026-10-25T12:00Z'] as const;
  const berlin = (from: string, to: string) =>
    changes(windowOf({ from, to, zone: 'Europe/Berlin' }), ...span);
  assert.deepEqual(berlin('01:00', '02:30'), ['2026-10-24T23:00Z opens', '2026-10-25T00:30Z closes']);
  assert.deepEqual(berlin('02:30', '04:00'), ['2026-10-25T00:30Z opens', '2026-10-25T03:00Z closes']);
  assert.deepEqual(berlin('02:15', '02:45'), ['2026-10-25T00:15Z opens', '2026-10-25T00:45Z closes']);
});

test('New York, both changes', () => {
  const night = windowOf({ days: ['sat'], from: '22:00', to: '02:30', zone: 'America/New_York' });
  assert.deepEqual(changes(night, '2026-03-07T00:00Z', '2026-03-09T00:00Z'), [
    '2026-03-08T03:00Z opens',
    '2026-03-08T07:00Z closes',
  ]);
  assert.deepEqual(changes(night, '2026-10-31T00:00Z', '2026-11-02T00:00Z'), [
    '2026-11-01T02:00Z opens',
    '2026-11-01T07:30Z closes',
  ]);
});

test('zones that are half an hour off, and one that changes by half an hour', () => {
  assert.deepEqual(
    changes(
      windowOf({ from: '09:00', to: '17:00', zone: 'Asia/Kolkata' }),
      '2026-11-26T00:00Z',
      '2026-11-27T00:00Z',
    ),
    ['2026-11-26T03:30Z opens', '2026-11-26T11:30Z closes'],
  );
  const howe = (from: string, to: string) => windowOf({ from, to, zone: 'Australia/Lord_Howe' });
  // Clocks go from 02:00 (+10:30) to 02:30 (+11) and back from 02:00 (+11) to 01:30 (+10:30).
  assert.deepEqual(changes(howe('02:15', '03:00'), '2026-10-03T12:00Z', '2026-10-04T00:00Z'), [
    '2026-10-03T15:30Z opens',
    '2026-10-03T16:00Z closes',
  ]);
  assert.deepEqual(changes(howe('01:45', '03:00'), '2026-04-04T12:00Z', '2026-04-05T00:00Z'), [
    '2026-04-04T14:45Z opens',
    '2026-04-04T16:30Z closes',
  ]);
});

test('clocks that are set back over midnight do not open a day twice', () => {
  // Havana: from 01:00 (-4) back to 00:00 (-5) on 1 November.
  const sunday = windowOf({ days: ['sun'], zone: 'America/Havana' });
  assert.deepEqual(changes(sunday, '2026-10-31T00:00Z', '2026-11-03T00:00Z'), [
    '2026-11-01T04:00Z opens',
    '2026-11-02T05:00Z closes',
  ]);
  // Apia had no 30 December 2011, a Friday.
  const friday = windowOf({ days: ['fri'], zone: 'Pacific/Apia' });
  assert.deepEqual(changes(friday, '2011-12-24T12:00Z', '2012-01-07T12:00Z'), [
    '2012-01-05T10:00Z opens',
    '2012-01-06T10:00Z closes',
  ]);
});

test('an unknown zone is a mistake of ours: configurations are checked', () => {
  assert.throws(() => isOpen([windowOf({ zone: 'Europe/Nowhere' })], 0), RangeError);
});

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/Havana',
  'Asia/Kathmandu',
  'Pacific/Apia',
] as const;
const clockTime = fc
  .nat({ max: 48 })
  .map((halfHours) => `${String(halfHours >> 1).padStart(2, '0')}:${halfHours % 2 === 0 ? '00' : '30'}`);
const arbitraryWindow = fc
  .record({
    days: fc.option(fc.subarray([...WEEKDAYS], { minLength: 1 }), { nil: undefined }),
    from: clockTime,
    to: clockTime,
    zone: fc.constantFrom(...ZONES),
  })
  .map(({ days, ...rest }): TimeWindow => ({ ...rest, ...(days === undefined ? {} : { days }) }));
/** Days around which clocks change somewhere, and others. */
const someMinute = fc
  .tuple(
    fc.constantFrom(
      '2026-03-08',
      '2026-03-29',
      '2026-04-05',
      '2026-10-04',
      '2026-10-25',
      '2026-11-01',
      '2026-07-15',
    ),
    fc.integer({ min: -2_880, max: 2_880 }),
  )
  .map(([day, minutes]) => at(`${day}T00:00Z`) + minutes * MINUTE_MS);

/** Minutes after the start, the first hours above all: there clocks change. */
const someLater = fc.array(fc.nat({ max: 240 }), { minLength: 10, maxLength: 10 });

test('between two changes nothing changes, to the minute, and of one window every change is one', () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryWindow, { minLength: 1, maxLength: 3 }),
      someMinute,
      someLater,
      (windows, startMs, later) => {
        const fresh = (): TimeWindow[] => windows.map((window) => ({ ...window })); // nothing is known of these yet
        const nextMs = nextTimeWindowChange(windows, startMs);
        assert.ok(nextMs > startMs);
        const open = isOpen(windows, startMs);
        const around = nextMs === Number.POSITIVE_INFINITY ? [] : [1, MINUTE_MS, 2 * MINUTE_MS];
        const times = [
          ...later.map((minute) => startMs + minute * MINUTE_MS),
          ...around.map((ms) => nextMs - ms),
        ];
        for (const timeMs of times.filter((time) => time >= startMs && time < nextMs)) {
          assert.equal(isOpen(fresh(), timeMs), open, new Date(timeMs).toISOString());
        }
        if (windows.length === 1 && nextMs < Number.POSITIVE_INFINITY) {
          assert.notEqual(isOpen(fresh(), nextMs), open);
        }
      },
    ),
    { numRuns: 60 },
  );
});

/** What the clocks show at a time, plainly. */
function shown(zone: string, timeMs: number): { day: string; minutes: number } {
  const text = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(timeMs);
  const [day, clock] = text.replace(',', '').toLowerCase().split(' ');
  const [hours, minutes] = clock!.split(':').map(Number);
  return { day: day!, minutes: hours! * 60 + minutes! };
}

test('away from the changes of clocks a window is open when they show a time in it on its day', () => {
  const summer = fc
    .integer({ min: 0, max: 7 * 1_440 })
    .map((minute) => at('2026-07-13T00:00Z') + minute * MINUTE_MS);
  fc.assert(
    fc.property(arbitraryWindow, summer, (window, timeMs) => {
      const { day, minutes } = shown(window.zone, timeMs);
      const yesterday = WEEKDAYS[(WEEKDAYS.findIndex((name) => name === day) + 6) % 7]!;
      const before = WEEKDAYS[(WEEKDAYS.findIndex((name) => name === day) + 5) % 7]!;
      const minutesOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
      const [from, to] = [minutesOf(window.from), minutesOf(window.to)];
      const end = to > from ? to : to + 1_440;
      const begins = (name: string) => (window.days ?? WEEKDAYS).some((other) => other === name);
      const expected = [day, yesterday, before].some((name, ago) => {
        const since = minutes + ago * 1_440;
        return begins(name) && from <= since && since < end;
      });
      assert.equal(isOpen([window], timeMs), expected);
    }),
    { numRuns: 500 },
  );
});
