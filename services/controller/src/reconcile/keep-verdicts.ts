/** A leader stores verdicts and standings before anything rests on them, and notes what changed. */
import { MessagingError } from '@signpost/contracts/messaging';
import type { Verdict } from '@signpost/contracts/verdict';

import { describeDissents } from '../verdict/dissent.ts';
import { sameStates } from '../verdict/verdict-change.ts';
import type { ControllerState } from './controller-state.ts';
import type { LeaderTools } from './leader-tools.ts';
import { noteWhy, type Leadership } from './leadership.ts';
import { storeStandings } from './store-standings.ts';
import { storeVerdicts } from './store-verdicts.ts';

const MAX_STORE_ATTEMPTS = 3;

/** Rejects with `MessagingError` when NATS is away. */
export async function keepVerdicts(
  before: ControllerState,
  leadership: Leadership,
  tools: LeaderTools,
): Promise<ControllerState> {
  let { stored } = before;
  leadership.noted ??= new Map([...stored].map(([pair, { verdict }]) => [pair, verdict]));
  for (let attempt = 1; ; attempt += 1) {
    const kept = await storeVerdicts({ verdicts: before.verdicts, stored }, tools.verdicts);
    ({ stored } = kept);
    if (kept.conflicts === 0) break;
    // What a successor stored meanwhile is not ours to overwrite.
    if (!leadership.lease.holds()) return { ...before, stored };
    if (attempt === MAX_STORE_ATTEMPTS) throw new MessagingError('stored verdicts change under our hands');
  }
  noteChanges(before.verdicts, leadership.noted, leadership);
  noteDissents(before.verdicts, leadership);
  const storedStandings = await storeStandings(before, tools.verdicts);
  return { ...before, stored, storedStandings };
}

function noteChanges(
  verdicts: ControllerState['verdicts'],
  noted: Map<string, Verdict>,
  leadership: Leadership,
): void {
  for (const [pair, { verdict }] of verdicts) {
    const from = noted.get(pair);
    if (sameStates(from, verdict)) continue;
    noted.set(pair, verdict);
    noteWhy(leadership, whyHealth(from, verdict));
  }
  // What is not checked any more is new when it comes back.
  for (const pair of noted.keys()) if (!verdicts.has(pair)) noted.delete(pair);
}

function noteDissents(verdicts: ControllerState['verdicts'], leadership: Leadership): void {
  const { notedDissents } = leadership;
  for (const [pair, { dissents, verdict }] of verdicts) {
    if (dissents === undefined && !notedDissents.has(pair)) continue;
    const seen = describeDissents(dissents);
    if ((notedDissents.get(pair) ?? '') === seen) continue;
    if (seen === '') notedDissents.delete(pair);
    else notedDissents.set(pair, seen);
    const near = seen === '' ? 'as the quorum again' : seen;
    noteWhy(leadership, `health ${verdict.monitor}/${verdict.target} near vantages: ${near}`);
  }
}

function whyHealth(from: Verdict | undefined, to: Verdict): string {
  return `health ${to.monitor}/${to.target}: ${from?.state ?? 'unknown'} -> ${to.state}, ${to.reason}`;
}
