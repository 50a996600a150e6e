/**
 * Judges the vantages themselves: (last view, fleet, clock) -> who votes, who is silent, who is not believed. Pure.
 *
 * A vantage is doubted while it sees more than half of at least MIN_TARGETS targets fail at once, and for most of
 * those most of the other vantages disagree; so never a lone one. It may only be the first to see them fail: once the
 * others have had the time to look and still disagree, it is quarantined, and votes again when that has been over for
 * QUARANTINE_HOLD_MS. Votes of neither count. It is silent when none of its probers has been heard for a while that outlasts a hiccup.
 */
import { isProbed } from '@signpost/contracts/configuration';
import type { VantageEvidence, VantageStanding, VantageState } from '@signpost/contracts/vantage-standing';

import type { Voters } from '../fleet/voters.ts';
import type { Topology } from '../topology/topology.ts';
import type { Clocks } from './judge-pair.ts';
import { surveyVantages, type Survey } from './survey-vantages.ts';

export const MIN_TARGETS = 5;
export const QUARANTINE_HOLD_MS = 30_000;
/** After its last prober's vote has ended. */
export const SILENT_AFTER_MS = 2_000;
/** A burst begins its last probe within this time, and what it finds is here within that. */
const BURST_MS = 1_000;
const REPORTING_MS = 1_000;

export interface VantageView {
  readonly standing: VantageStanding;
  /** Outlasts a silence, so that a restart of the prober is no way out. */
  readonly quarantined: boolean;
  /** Monotonic: since when it sees most fail that the others see well. */
  readonly doubtedSinceMs?: number | undefined;
  /** What it sees now. */
  readonly survey: Survey;
  /** Monotonic: since when no prober of it counts, or it sees no more fail than the others. */
  readonly lostSinceMs?: number | undefined;
  readonly clearSinceMs?: number | undefined;
}

export type VantageViews = ReadonlyMap<string, VantageView>;

export interface VantageInput {
  readonly topology: Topology;
  readonly voters: Voters;
  /** Whether reports or voters changed since `before` was made; if not, what was seen then is seen now. */
  readonly changed: boolean;
  /** Since when heartbeats could be heard, monotonic; undefined: NATS is not reached, and silence means nothing. */
  readonly hearingSinceMs: number | undefined;
  /** How many pairs of a vantage are frozen. */
  readonly frozenOf: (vantage: string) => number;
}

export function judgeVantages(before: VantageViews, input: VantageInput, clocks: Clocks): VantageViews {
  const names = Object.keys(input.topology.configuration.vantages).toSorted();
  const surveys = input.changed
    ? surveyVantages(names, input.topology, input.voters, quarantinedOf(before))
    : undefined;
  return new Map(
    names.map((vantage) => {
      const known = before.get(vantage) ?? unheard(vantage);
      return [vantage, judgeVantage(known, surveys?.get(vantage) ?? known.survey, input, clocks)];
    }),
  );
}

/** The names of those in quarantine: they are not asked about others. */
export function quarantinedOf(views: VantageViews): ReadonlySet<string> {
  return namesOf(views, ({ quarantined }) => quarantined);
}

/** The names of those whose votes do not count: in quarantine or doubted. */
export function disbelievedOf(views: VantageViews): ReadonlySet<string> {
  return namesOf(views, ({ quarantined, doubtedSinceMs }) => quarantined || doubtedSinceMs !== undefined);
}

function namesOf(views: VantageViews, test: (view: VantageView) => boolean): ReadonlySet<string> {
  return new Set([...views].filter(([, view]) => test(view)).map(([vantage]) => vantage));
}

/** Within this all vantages have looked at what one of them saw fail: by a burst, or by probes that are due. */
function lookTimeMs({ configuration }: Topology): number {
  const times = Object.values(configuration.monitors)
    .filter(isProbed)
    .map(({ timeout, interval, burst }) => timeout + (burst === 'off' ? interval : BURST_MS));
  return Math.max(BURST_MS, ...times) + REPORTING_MS;
}

/** As it was stored by whoever led before. */
export function viewOf(standing: VantageStanding): VantageView {
  return { standing, quarantined: standing.state === 'quarantined', survey: NOTHING_SEEN };
}

const NOTHING_SEEN: Survey = { targets: 0, failing: 0, contradicted: 0 };

function unheard(vantage: string): VantageView {
  const evidence = { ...NOTHING_SEEN, probers: 0, frozen: 0 };
  return viewOf({ vantage, state: 'silent', sinceMs: 0, reason: 'no prober of it was heard yet', evidence });
}

function judgeVantage(
  before: VantageView,
  survey: Survey,
  input: VantageInput,
  { monotonicMs, wallMs }: Clocks,
): VantageView {
  const { vantage, state: was } = before.standing;
  const probers = input.voters.get(vantage)?.length ?? 0;
  const heard = probers > 0;
  const lostSinceMs = heard
    ? undefined
    : Math.max(before.lostSinceMs ?? monotonicMs, input.hearingSinceMs ?? 0);
  const deluded = heard && isDeluded(survey);
  const doubtedSinceMs = deluded ? (before.doubtedSinceMs ?? monotonicMs) : undefined;
  const looked = doubtedSinceMs !== undefined && monotonicMs - doubtedSinceMs >= lookTimeMs(input.topology);
  // Health must be seen for a while: while it is silent nothing is.
  const clearSinceMs =
    before.quarantined && heard && !deluded ? (before.clearSinceMs ?? monotonicMs) : undefined;
  const held = clearSinceMs === undefined || monotonicMs - clearSinceMs < QUARANTINE_HOLD_MS;
  const quarantined = looked || (before.quarantined && held);
  const view = { quarantined, doubtedSinceMs, survey, lostSinceMs, clearSinceMs };
  const state = stateOf(was, heard, quarantined, isSilent(lostSinceMs, input.hearingSinceMs, monotonicMs));
  if (state === was) return { ...view, standing: before.standing };
  const evidence = { ...survey, probers, frozen: input.frozenOf(vantage) };
  const reason = reasonOf(state, was, evidence);
  const sinceMs = Math.max(0, Math.floor(wallMs));
  return { ...view, standing: { vantage, state, sinceMs, reason, evidence } };
}

function isDeluded({ targets, failing, contradicted }: Survey): boolean {
  return targets >= MIN_TARGETS && failing * 2 > targets && contradicted * 2 > failing;
}

function isSilent(
  lostSinceMs: number | undefined,
  hearingSinceMs: number | undefined,
  nowMs: number,
): boolean {
  return lostSinceMs !== undefined && hearingSinceMs !== undefined && nowMs - lostSinceMs >= SILENT_AFTER_MS;
}

function stateOf(was: VantageState, heard: boolean, quarantined: boolean, silent: boolean): VantageState {
  if (!heard) return silent ? 'silent' : was;
  return quarantined ? 'quarantined' : 'voting';
}

function reasonOf(state: VantageState, was: VantageState, evidence: VantageEvidence): string {
  const { probers, targets, failing, contradicted, frozen } = evidence;
  switch (state) {
    case 'voting':
      return was === 'quarantined'
        ? `it sees what the other vantages see: ${failing} of ${targets} targets fail`
        : `${probers} of its probers ${probers === 1 ? 'is' : 'are'} heard`;
    case 'silent':
      return frozen === 0
        ? 'none of its probers is heard; the other vantages suffice'
        : `none of its probers is heard; ${frozen} verdicts are frozen for want of votes`;
    case 'quarantined':
      return `it sees ${failing} of ${targets} targets fail, and for ${contradicted} of them most of the other vantages disagree`;
    default:
      throw new TypeError(`unhandled state ${JSON.stringify(state satisfies never)}`);
  }
}
