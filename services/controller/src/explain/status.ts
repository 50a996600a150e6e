/** The whole present state in the form that the API gives and `signpost status` draws. Pure. */
import type { Configuration } from '@signpost/contracts/configuration';
import { viewHold } from '@signpost/contracts/guard';
import { pairKey } from '@signpost/contracts/names';
import type { Status } from '@signpost/contracts/status';

import { isFresh } from '../fleet/fleet.ts';
import { progressOf } from '../fleet/hear-authority.ts';
import { showLoads } from '../load/show-loads.ts';
import { holdsOf, type ControllerState } from '../reconcile/controller-state.ts';
import { showPlanned } from '../override/show-overrides.ts';
import type { Topology } from '../topology/topology.ts';
import { descendantsOf } from '../topology/monitored-pairs.ts';
import { describeDissents } from '../verdict/dissent.ts';
import { evidenceOf } from '../verdict/evidence.ts';
import { disbelievedOf } from '../verdict/judge-vantages.ts';
import { unhealthyRules } from './unhealthy-rules.ts';

/** Of the windows to come: the next ones are what somebody looks for. */
const MAX_PLANNED = 100;

export interface ControllerFacts {
  readonly leader: boolean;
  readonly messagingConnected: boolean;
  readonly storeConnected: boolean;
  readonly storeProblem?: string | undefined;
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export function statusOf(state: ControllerState, facts: ControllerFacts): Status {
  const { configuration, converged, records } = state;
  const { leader, messagingConnected, storeConnected, storeProblem, monotonicMs, wallMs } = facts;
  return {
    controller: {
      leader,
      converged,
      generation: records?.generation ?? 0,
      ...(configuration === undefined ? {} : { configRevision: configuration.revision }),
      messagingConnected,
      storeConnected,
      ...(storeProblem === undefined ? {} : { storeProblem }),
    },
    targets: configuration === undefined ? [] : targetsOf(state, configuration.topology, monotonicMs),
    vantages: vantagesOf(state, monotonicMs),
    loads: showLoads(state),
    authorities: [...state.authorities.values()]
      .map((heard) => ({
        ...heard.beat,
        heartbeatAgeMs: ageOf(heard.heardAtMs, monotonicMs),
        progress: progressOf(heard, records?.generation ?? 0, monotonicMs),
      }))
      .toSorted((a, b) => compareText(a.node, b.node)),
    planned: showPlanned(state, MAX_PLANNED),
    guards: holdsOf(state).map(viewHold),
    unhealthy: unhealthyRules(state, wallMs),
    hosts: hostsOf(state),
    zones: zonesOf(state),
  };
}

function targetsOf(state: ControllerState, topology: Topology, monotonicMs: number): Status['targets'] {
  const { configuration } = topology;
  const poolsByTarget = poolsOf(configuration);
  return Object.entries(configuration.targets).flatMap(([target, settings]): Status['targets'] => {
    const addresses = [settings.a, settings.aaaa, settings.cname].filter((text) => text !== undefined);
    const pools = poolsByTarget.get(target) ?? [];
    const monitors = new Set(pools.flatMap((pool) => monitorsOf(configuration, pool)));
    const override = state.present.inForce.get(target);
    const base = { target, addresses, pools, ...(override === undefined ? {} : { override }) };
    if (monitors.size === 0) {
      const reason = 'no monitor, counts as up';
      return [{ ...base, state: 'up' as const, reason, frozen: false, evidence: [] }];
    }
    return [...monitors].map((monitor) => ({
      ...base,
      monitor,
      ...healthOf(state, monitor, target, monotonicMs),
    }));
  });
}

/** The monitor of a pool, and all that it concludes from. */
function monitorsOf(configuration: Configuration, pool: string): readonly string[] {
  const monitor = configuration.pools[pool]?.monitor;
  return monitor === undefined ? [] : [monitor, ...descendantsOf(configuration, monitor)];
}

/** By target; looked up once, since a look through all pools for each target takes seconds for thousands. */
function poolsOf({ pools }: Configuration): ReadonlyMap<string, string[]> {
  const byTarget = new Map<string, string[]>();
  for (const [pool, { members }] of Object.entries(pools)) {
    for (const target of new Set(members.map((member) => member.target))) {
      const names = byTarget.get(target) ?? [];
      byTarget.set(target, names);
      names.push(pool);
    }
  }
  return byTarget;
}

function healthOf(state: ControllerState, monitor: string, target: string, monotonicMs: number) {
  const key = pairKey(monitor, target);
  const judged = state.verdicts.get(key);
  const pair = state.configuration?.topology.pairs.get(key);
  const evidence =
    pair === undefined ? [] : evidenceOf(pair, state.fleet, disbelievedOf(state.vantages), monotonicMs);
  if (judged === undefined) {
    return { state: 'unknown' as const, reason: 'no verdict yet', frozen: true, evidence };
  }
  const { state: health, sinceMs, dampedUntilMs } = judged.verdict;
  const near = describeDissents(judged.dissents);
  const reason = near === '' ? judged.verdict.reason : `${judged.verdict.reason}; near ${near}`;
  return {
    state: health,
    sinceMs,
    reason,
    frozen: !judged.settled,
    ...(dampedUntilMs === undefined ? {} : { dampedUntilMs }),
    evidence,
  };
}

/** Vantages of the configuration, and those that probers claim to be in. */
function vantagesOf(state: ControllerState, monotonicMs: number): Status['vantages'] {
  const { fleet, configuration } = state;
  const configured = Object.keys(configuration?.topology.configuration.vantages ?? {});
  const probers = [...fleet.probers.values()].toSorted((a, b) => compareText(a.prober, b.prober));
  const names = [...new Set([...configured, ...probers.map(({ vantage }) => vantage)])].toSorted();
  return names.map((vantage) => ({
    vantage,
    ...standingOf(state, vantage),
    probers: probers
      .filter((view) => view.vantage === vantage)
      .map((view) => ({
        prober: view.prober,
        fresh: isFresh(view, monotonicMs),
        heartbeatAgeMs: ageOf(view.beat?.heardAtMs ?? view.knownSinceMs, monotonicMs),
        reports: view.reports.size,
      })),
  }));
}

function standingOf({ vantages }: ControllerState, vantage: string) {
  const standing = vantages.get(vantage)?.standing;
  if (standing === undefined) {
    return { state: 'silent' as const, reason: 'it is not configured, so it has no vote' };
  }
  const { state, sinceMs, reason } = standing;
  return { state, reason, ...(sinceMs === 0 ? {} : { sinceMs }) };
}

function hostsOf({ resolved }: ControllerState): Status['hosts'] {
  return [...resolved].map(([host, { name, failing }]) => ({
    host,
    addresses: [...(name?.a ?? []), ...(name?.aaaa ?? [])],
    ...(failing === undefined ? {} : { failing }),
  }));
}

function zonesOf({ records }: ControllerState): Status['zones'] {
  return [...(records?.zones ?? [])]
    .map(([apex, zone]) => ({ apex, serial: zone.facts?.soa.serial ?? 0, recordSets: zone.recordSets.size }))
    .toSorted((a, b) => compareText(a.apex, b.apex));
}

function ageOf(thenMs: number, nowMs: number): number {
  return Math.max(0, nowMs - thenMs);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
