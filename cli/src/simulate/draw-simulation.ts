/** A recording as a person reads it in a terminal: what happened, how fast traffic left, and where it went. Pure. */
import { drawTable } from '../draw/table.ts';
import type { Failover } from './failovers.ts';
import type { Skew } from './skews.ts';
import type { Recording } from './recorder.ts';
import { SECOND_MS } from './traffic.ts';

export interface Findings {
  readonly failovers: readonly Failover[];
  readonly skews: readonly Skew[];
}

/** `paintTitle` is put on the headings. */
export function drawSimulation(
  recording: Recording,
  { failovers, skews }: Findings,
  paintTitle: (text: string) => string,
): string[] {
  const { name, type, policy, resolvers, largestShare, seconds, seed } = recording;
  const population =
    resolvers === 1 ? 'one resolver' : `${resolvers} resolvers, the largest asks ${percent(largestShare)}`;
  return [
    `${paintTitle(`${name} ${type}`)} by policy ${policy}: ${population}; ${drawTime(seconds * SECOND_MS)}, seed ${seed}`,
    '',
    ...drawTable(['time', 'what happened'], storyOf(recording)),
    ...(failovers.length === 0 ? [] : ['', paintTitle('failover'), ...drawFailovers(failovers)]),
    '',
    paintTitle('shares, in the second half of each time between events'),
    ...drawSkews(skews),
    ...drawUnanswered(recording),
  ];
}

/** `5:00`, `5:00.1`: minutes and seconds. */
export function drawTime(ms: number): string {
  const tenths = Math.round(ms / 100);
  const seconds = Math.floor(tenths / 10) % 60;
  const fraction = tenths % 10 === 0 ? '' : `.${tenths % 10}`;
  return `${Math.floor(tenths / 600)}:${String(seconds).padStart(2, '0')}${fraction}`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** What happened at once stands in one row. More verdicts than these are counted. */
const MOST_ROWS = 40;

function storyOf(recording: Recording): string[][] {
  const lines = [
    ...recording.marks.map(({ atMs, text }) => ({ atMs, text })),
    ...verdictLines(recording),
    ...recording.decisions,
    ...recording.ttls.map(({ atMs, ttl }) => ({ atMs, text: `TTL ${ttl}` })),
  ].toSorted((a, b) => a.atMs - b.atMs);
  const rows = [...Map.groupBy(lines, ({ atMs }) => drawTime(atMs))].map(([time, same]) => [
    time,
    same.map(({ text }) => text).join('; '),
  ]);
  const left = rows.length - MOST_ROWS;
  return left <= 0 ? rows : [...rows.slice(0, MOST_ROWS), ['...', `and ${left} times more`]];
}

interface Line {
  readonly atMs: number;
  readonly text: string;
}

/** What comes again before the next event is one line. That a suspicion is over goes without saying. */
function verdictLines({ marks, verdicts }: Recording): Line[] {
  const eventsBefore = (atMs: number): number => marks.filter((mark) => mark.atMs <= atMs).length;
  const told = verdicts.filter(({ verdict: { state, from } }) => state !== 'up' || from !== 'suspect');
  const alike = Map.groupBy(
    told,
    ({ atMs, verdict: { monitor, target, state } }) => `${monitor} ${target} ${state} ${eventsBefore(atMs)}`,
  );
  return [...alike.values()].map(([first, ...more]) => {
    const { target, state, monitor } = first!.verdict;
    const again = more.length === 0 ? '' : `, and ${more.length} times more`;
    return { atMs: first!.atMs, text: `${target} is ${state} (${monitor})${again}` };
  });
}

function drawFailovers(failovers: readonly Failover[]): string[] {
  const after = (ms: number | undefined): string =>
    ms === undefined ? 'never' : `${(ms / SECOND_MS).toFixed(1)} s`;
  const verdict = (ms: number | undefined): string => (ms === undefined ? '-' : after(ms));
  return drawTable(
    [
      'event',
      'share before',
      'suspect after',
      'down after',
      'half gone after',
      '99 % gone after',
      'requests still met',
    ],
    failovers.map(({ mark, before, suspectMs, downMs, halfMs, nearlyAllMs, requests }) => [
      mark.text,
      percent(before),
      verdict(suspectMs),
      verdict(downMs),
      after(halfMs),
      after(nearlyAllMs),
      requests.toFixed(0),
    ]),
  );
}

function drawSkews(skews: readonly Skew[]): string[] {
  return drawTable(
    [
      'from',
      'to',
      'target',
      'weights',
      'clients',
      'answers',
      'off in a second',
      'in 30 min',
      'requests/s',
      'least',
      'most',
    ],
    skews.flatMap(({ fromMs, untilMs, targets }) =>
      targets.map((target) => [
        drawTime(fromMs),
        drawTime(untilMs),
        target.target,
        percent(target.configured),
        percent(target.clients),
        percent(target.answers),
        percent(target.offInSecond),
        percent(target.offInHalfHour),
        target.mean.toFixed(0),
        target.least.toFixed(0),
        target.most.toFixed(0),
      ]),
    ),
  );
}

function drawUnanswered({ unanswered }: Recording): string[] {
  const count = unanswered.reduce((sum, each) => sum + each, 0);
  return count === 0 ? [] : ['', `${count.toFixed(0)} requests got no address`];
}
