/** What a recording comes to: how fast traffic left what failed or was drained. Pure. */
import { meanShare, sumOf } from './recorded-sums.ts';
import type { Mark, Recording } from './recorder.ts';
import { SECOND_MS } from './traffic.ts';

export interface Failover {
  readonly mark: Mark;
  /** Share of all requests that its targets had before, 0 to 1. */
  readonly before: number;
  /** From the event on; absent: it did not come to that before the end or the next event for the targets. */
  readonly suspectMs?: number;
  readonly downMs?: number;
  /** Until half, and 99 %, of their part of the traffic has left. */
  readonly halfMs?: number;
  readonly nearlyAllMs?: number;
  /** Requests that still went to the targets. */
  readonly requests: number;
}

/** What a share before an event is the mean of. */
const BEFORE_SECONDS = 60;

/** One for each event that takes targets away which had traffic. */
export function failovers(recording: Recording): Failover[] {
  return recording.marks.flatMap((mark) => {
    if (!('kill' in mark.event || 'drain' in mark.event)) return [];
    const failover = failoverOf(mark, recording);
    return failover.before > 0 ? [failover] : [];
  });
}

function failoverOf(mark: Mark, recording: Recording): Failover {
  const { targets, marks, seconds, verdicts } = recording;
  const own = targets.filter(({ target }) => mark.targets.includes(target));
  const start = Math.ceil(mark.atMs / SECOND_MS);
  const others = marks.filter(
    (other) => other !== mark && other.targets.some((target) => mark.targets.includes(target)),
  );
  const ends = [...others.map(({ atMs }) => atMs), ...(mark.endMs === undefined ? [] : [mark.endMs])].filter(
    (atMs) => atMs > mark.atMs,
  );
  const end = Math.min(seconds, ...ends.map((atMs) => Math.floor(atMs / SECOND_MS)));
  const begins = Math.max(0, start - BEFORE_SECONDS);
  const before = meanShare(own, recording, begins, start);
  const reaches = (part: number): number | undefined => {
    for (let second = start; second < end; second += 1) {
      if (meanShare(own, recording, second, second + 1) <= before * part)
        return (second + 1) * SECOND_MS - mark.atMs;
    }
    return undefined;
  };
  const turns = (state: string): number | undefined => {
    const turn = verdicts.find(
      ({ atMs, verdict }) =>
        atMs >= mark.atMs &&
        atMs < end * SECOND_MS &&
        verdict.state === state &&
        mark.targets.includes(verdict.target),
    );
    return turn && turn.atMs - mark.atMs;
  };
  return withoutAbsent({
    mark,
    before,
    suspectMs: turns('suspect'),
    downMs: turns('down'),
    halfMs: reaches(0.5),
    nearlyAllMs: reaches(0.01),
    requests: sumOf(own, start, end),
  });
}

function withoutAbsent<Value extends object>(value: { [Key in keyof Value]: Value[Key] | undefined }): Value {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Value;
}
