/** A leader tells on NATS what changed: verdicts, vantages, records, guards, the configuration, overrides. */
import type { RoundTrace } from '../observe-controller.ts';
import { dropEnded } from '../override/keep-overrides.ts';
import type { Clocks } from '../verdict/judge-pair.ts';
import { announceConfiguration } from './announce-config.ts';
import { announceGuards } from './announce-guards.ts';
import { announceHealth } from './announce-health.ts';
import { announceOverrides } from './announce-overrides.ts';
import { announcePublication } from './announce-records.ts';
import { announceVantages } from './announce-vantages.ts';
import type { ControllerState } from './controller-state.ts';
import type { LeaderTools } from './leader-tools.ts';
import type { Leadership } from './leadership.ts';

/** Announcements per round, so that a long outbox does not keep verdicts waiting. */
const ANNOUNCEMENTS_PER_ROUND = 100;

/** Rejects with `MessagingError` when NATS is away. */
export async function announceRound(
  state: ControllerState,
  leadership: Leadership,
  tools: LeaderTools,
  clocks: Clocks,
  trace: RoundTrace,
): Promise<ControllerState> {
  if (!leadership.lease.holds()) return state;
  const { events, verdicts, config, source, observer } = tools;
  const told = await announceHealth(state, leadership.announcedHealth, {
    events,
    verdicts,
    source,
    clocks,
    headers: (pair) => trace.headersOf(pair),
  });
  observer.announced('health.changed', told);
  const options = { events, verdicts, source, clocks };
  observer.announced('vantage.changed', await announceVantages(state, leadership.announcedVantages, options));
  for (let i = 0; i < ANNOUNCEMENTS_PER_ROUND && leadership.outbox.length > 0; i += 1) {
    observer.announced('records.changed', await announcePublication(events, source, leadership.outbox[0]!));
    leadership.outbox.shift();
  }
  const { guards, told: toldGuards } = await announceGuards(state.guards, tools, clocks.wallMs);
  observer.announced('guard.held', toldGuards);
  const after = { ...state, guards };
  const { configuration } = state;
  if (configuration === undefined || leadership.announcedRevision === configuration.revision) return after;
  const { wallMs } = clocks;
  const announced = await announceConfiguration(events, config, configuration, { source, wallMs });
  observer.announced('config.changed', announced);
  leadership.announcedRevision = configuration.revision;
  return after;
}

/** Told after the records were published, and only then forgotten. */
export async function settleOverrides(
  state: ControllerState,
  leadership: Leadership,
  { events, overrides, source, observer }: LeaderTools,
  { wallMs }: Clocks,
): Promise<ControllerState> {
  if (!leadership.lease.holds()) return state;
  const told = await announceOverrides(state, leadership.announcedOverrides, { events, source, wallMs });
  observer.announced('override.changed', told);
  return { ...state, overrides: await dropEnded(state.overrides, overrides, wallMs) };
}
