/**
 * What a leader keeps in order besides the records: probe assignments at each change of the configuration and,
 * now and then, everything that an emptied NATS lost or that nobody needs any more. All of it may be repeated.
 */
import type { ConfigurationInput } from '@signpost/contracts/configuration';
import { subjects } from '@signpost/contracts/subjects';
import { vantageKey } from '@signpost/contracts/vantage-standing';

import { assignProbes } from '../assign/assign-probes.ts';
import { publishAssignments } from '../assign/publish-assignments.ts';
import { readManifest, storeConfiguration } from '../config-store/apply-configuration.ts';
import { refill } from '../override/keep-overrides.ts';
import { forget } from '../fleet/evolve-fleet.ts';
import { staleReports } from '../fleet/stale-reports.ts';
import { isAssigned } from '../topology/topology.ts';
import type { Clocks } from '../verdict/judge-pair.ts';
import type { AppliedConfiguration, ControllerState } from './controller-state.ts';
import { inChunks } from './in-chunks.ts';
import type { LeaderTools } from './leader-tools.ts';
import type { Leadership } from './leadership.ts';

export const TIDY_EVERY_MS = 10_000;
/** What is left over is the next round's, so that verdicts do not wait for thousands of purges. */
export const PURGES_PER_ROUND = 500;

/** Rejects with `MessagingError` when NATS is away. */
export async function assignAndTidy(
  state: ControllerState,
  leadership: Leadership,
  tools: LeaderTools,
  clocks: Clocks,
): Promise<ControllerState> {
  const { configuration } = state;
  if (configuration === undefined || !leadership.lease.holds()) return state;
  const changed = leadership.assignedRevision !== configuration.revision;
  const due = leadership.tidiedMs === undefined || clocks.monotonicMs - leadership.tidiedMs >= TIDY_EVERY_MS;
  if (!changed && !due) return state;
  await publishAssignments(tools.probes, assignProbes(configuration.topology));
  leadership.assignedRevision = configuration.revision;
  await refillConfiguration(configuration, tools, clocks);
  const refilled = await refillOverrides(state, tools, clocks);
  // Before, it is not known what guards hold: what nobody seems to need may still be answered.
  if (!state.converged) return refilled;
  const { purged, all } = await purgeReports(refilled, configuration, tools, clocks);
  const tidied = await dropUnmonitored(purged, configuration, tools);
  leadership.tidiedMs = all ? clocks.monotonicMs : undefined;
  return tidied;
}

/** NATS lost the configuration; it lives on in whoever had loaded it. */
async function refillConfiguration(
  { written, fileHash }: AppliedConfiguration,
  { config, observer }: LeaderTools,
  { wallMs }: Clocks,
): Promise<void> {
  if ((await readManifest(config)) !== undefined) return;
  // Loaded from a checked configuration, so it has the shape of one.
  const input = written as ConfigurationInput;
  await storeConfiguration(config, input, { ...(fileHash === undefined ? {} : { fileHash }), nowMs: wallMs });
  observer.refilledConfiguration();
}

/** NATS lost the bucket; what was in force lives on in us. */
async function refillOverrides(
  state: ControllerState,
  { overrides }: LeaderTools,
  { wallMs }: Clocks,
): Promise<ControllerState> {
  const { createdAtMs } = overrides;
  const { overridesSinceMs = createdAtMs } = state;
  if (overridesSinceMs !== createdAtMs) await refill(state.overrides, overrides, wallMs);
  return { ...state, overridesSinceMs: createdAtMs };
}

async function purgeReports(
  state: ControllerState,
  { topology }: AppliedConfiguration,
  { health }: LeaderTools,
  { monotonicMs }: Clocks,
): Promise<{ purged: ControllerState; all: boolean }> {
  const assigned = (pair: string, vantage: string) => isAssigned(topology, pair, vantage);
  const stale = staleReports(state.fleet, assigned, monotonicMs);
  const reports = stale.reports.slice(0, PURGES_PER_ROUND);
  const all = reports.length === stale.reports.length;
  await inChunks(reports, ({ monitor, target, vantage, prober }) =>
    health.purge(subjects.healthReport(monitor, target, vantage, prober)),
  );
  // A prober is forgotten with the last of its reports.
  const fleet = forget(state.fleet, reports, all ? stale.probers : []);
  return { purged: { ...state, fleet }, all };
}

/** Verdicts of pairs, and vantages, that are no longer configured: if they come back, they are new. */
async function dropUnmonitored(
  state: ControllerState,
  { topology }: AppliedConfiguration,
  { verdicts }: LeaderTools,
): Promise<ControllerState> {
  const { vantages } = topology.configuration;
  const gone = [...state.stored.keys()].filter((pair) => !topology.pairs.has(pair));
  const gonePlaces = [...state.storedStandings.keys()].filter((vantage) => !Object.hasOwn(vantages, vantage));
  if (gone.length + gonePlaces.length === 0) return state;
  const stored = new Map(state.stored);
  const storedStandings = new Map(state.storedStandings);
  await inChunks(gone, async (pair) => {
    await verdicts.delete(pair);
    stored.delete(pair);
  });
  await inChunks(gonePlaces, async (vantage) => {
    await verdicts.delete(vantageKey(vantage));
    storedStandings.delete(vantage);
  });
  return { ...state, stored, storedStandings };
}
