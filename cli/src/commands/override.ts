/**
 * `signpost up|down|drain MATCH`: makes an override with an owner, a reason and an end. `drain --wait` stays until
 * no cache holds an answer with the targets any more, so that a deploy job can go on.
 */
import {
  OVERRIDE_WORDS,
  overrideMadeSchema,
  timeText,
  type OverrideMade,
  type OverrideSetting,
} from '@signpost/contracts/override';

import { askApi, type ApiOptions } from '../api-client.ts';
import { describeDrain, drawDrain } from '../draw/drain-line.ts';
import { drawUnhealthy } from '../draw/unhealthy-line.ts';
import { printJson, printLine, printProblem } from '../draw/print.ts';
import { ownerHere } from '../owner-here.ts';
import { reportFailure } from '../report-failure.ts';
import { waitForDrains } from '../wait-for-drains.ts';

export interface OverrideFlags extends ApiOptions {
  readonly reason: string;
  /** A duration, `2h`. */
  readonly for: string;
  readonly by?: string;
  readonly source: 'human' | 'external';
  readonly json?: boolean;
}

export interface DrainFlags extends OverrideFlags {
  readonly wait?: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

export async function override(set: OverrideSetting, match: string, flags: OverrideFlags): Promise<void> {
  await reportFailure(async () => {
    const made = await make(set, match, flags);
    if (flags.json === true) printJson(made);
    else printMade(made);
  });
}

export async function drain(match: string, flags: DrainFlags): Promise<void> {
  if (flags.wait !== true) return override('drain', match, flags);
  await reportFailure(async () => {
    const made = await make('drain', match, flags);
    const show = flags.json !== true;
    if (show) printMade(made);
    const waited = await waitForDrains(made.targets, {
      api: flags,
      timeoutMs: flags.timeout,
      onChange: (drain) => show && printLine(drawDrain(drain)),
      onTick: (drains) => show && showClock(drains.map(describeDrain)),
      onTrouble: (message) => printProblem(`signpost: ${message}`),
    });
    if (show) showClock([]);
    if (flags.json === true) printJson({ outcome: waited.outcome, ...made, drains: waited.drains });
    else if (waited.outcome === 'empty') for (const drain of waited.drains) printLine(drawDrain(drain));
    if (waited.outcome === 'empty') return;
    printProblem(`signpost: ${waited.reason}`);
    process.exitCode = 1;
  });
}

function make(set: OverrideSetting, match: string, flags: OverrideFlags): Promise<OverrideMade> {
  const { reason, for: lasting, by = ownerHere(), source } = flags;
  return askApi(flags, '/api/v1/overrides', overrideMadeSchema, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ match, set, by, reason, source, for: lasting }),
  });
}

function printMade({ override: { id, set, by, untilMs }, targets, unhealthy }: OverrideMade): void {
  printLine(
    `${targets.join(', ')} ${OVERRIDE_WORDS[set]} by ${by} until ${timeText(untilMs)} (override ${id})`,
  );
  for (const rule of unhealthy) printLine(drawUnhealthy(rule));
}

/** One line that is written over; only where somebody watches. */
function showClock(lines: readonly string[]): void {
  if (!process.stdout.isTTY) return;
  process.stdout.write(`\r\u001B[K${lines.join(' | ').slice(0, process.stdout.columns - 1)}`);
}
