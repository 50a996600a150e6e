/**
 * H8, second half: the votes of the vantages on one address family -> what is concluded. Pure.
 *
 * With `majority` a side wins with more votes than the other and with a majority of the configured vantages (or
 * with `min_reports` votes where that is less). With `any`, `all` or a number, so many vantages must say down for
 * down; for up, fewer do, and so many are alive that down cannot be reached (or `min_reports` where that is less).
 * Otherwise the last verdict stands: vantages that fell silent do not tip the scale.
 */
import type { Quorum } from '@signpost/contracts/configuration';
import type { Family, HealthState } from '@signpost/contracts/health';
import type { HealthReport } from '@signpost/contracts/health-report';

export interface FamilyVotes {
  readonly family: Family;
  /** Fresh reports on the pair, by vantage, of the vantages that the monitor is configured for. */
  readonly reports: ReadonlyMap<string, readonly HealthReport[]>;
  /** How many vantages are configured. */
  readonly vantageCount: number;
  readonly quorum: Quorum;
  readonly minReports: number;
  readonly last: HealthState;
}

export interface FamilyJudgement {
  readonly state: HealthState;
  readonly reason: string;
  /** Whether there was enough to judge it anew; else the last verdict is frozen. */
  readonly settled: boolean;
}

/** `suspect` stands by what was: it keeps an `up` alive, and never raises what is down or not known yet. */
type Vote = 'up' | 'suspect' | 'down' | 'abstain';
type Ballot = Readonly<Record<Vote, readonly string[]>>;

export function judgeFamily(input: FamilyVotes): FamilyJudgement {
  const ballot = castVotes(input);
  const alive = ballot.up.length + ballot.suspect.length;
  const down = ballot.down.length;
  if (alive + down < input.minReports) {
    const why = `too few votes (${alive + down} of ${input.minReports} needed)`;
    return { ...standing(input.last, why), settled: false };
  }
  const outcome = input.quorum === 'majority' ? byMajority(input, alive, down) : byCount(input, alive, down);
  if (outcome.wins === undefined) return { ...standing(input.last, outcome.why), settled: true };
  const state = outcome.wins === 'down' ? 'down' : ballot.suspect.length > 0 ? 'suspect' : 'up';
  return { state, reason: reasonOf(state, ballot, input), settled: true };
}

export function majorityOf(vantageCount: number): number {
  return Math.floor(vantageCount / 2) + 1;
}

type Outcome = { readonly wins: 'alive' | 'down' } | { readonly wins: undefined; readonly why: string };

function byMajority({ minReports, vantageCount }: FamilyVotes, alive: number, down: number): Outcome {
  const needed = Math.min(minReports, majorityOf(vantageCount));
  if (alive === down) return { wins: undefined, why: `${alive} votes for up, ${down} for down` };
  const most = Math.max(alive, down);
  if (most < needed) return { wins: undefined, why: `no majority (${most} of ${needed} votes needed)` };
  return { wins: alive > down ? 'alive' : 'down' };
}

function byCount({ quorum, minReports, vantageCount }: FamilyVotes, alive: number, down: number): Outcome {
  const forDown = quorum === 'any' ? 1 : quorum === 'all' ? vantageCount : Number(quorum);
  if (down >= forDown) return { wins: 'down' };
  const forUp = Math.max(1, Math.min(minReports, vantageCount - forDown + 1));
  if (alive >= forUp) return { wins: 'alive' };
  const why = `quorum ${quorum} not reached (${down} of ${forDown} votes for down, ${alive} of ${forUp} for up)`;
  return { wins: undefined, why };
}

function standing(last: HealthState, why: string): Pick<FamilyJudgement, 'state' | 'reason'> {
  const rest = last === 'unknown' ? 'nothing is known yet' : 'last verdict stands';
  return { state: last, reason: `${why}: ${rest}` };
}

function castVotes(input: FamilyVotes): Ballot {
  const ballot: Record<Vote, string[]> = { up: [], suspect: [], down: [], abstain: [] };
  for (const [vantage, reports] of input.reports) ballot[voteOf(reports, input)].push(vantage);
  for (const vantages of Object.values(ballot)) if (vantages.length > 1) vantages.sort();
  return ballot;
}

/** One vote per vantage: the majority of its probers; a tie is no vote. */
function voteOf(reports: readonly HealthReport[], { family, last }: FamilyVotes): Vote {
  let alive = 0;
  let down = 0;
  let suspicion = false;
  const standsByUp = last === 'up' || last === 'suspect';
  for (const report of reports) {
    const state = report.families[family]?.state;
    if (state === 'up' || (state === 'suspect' && standsByUp)) alive += 1;
    if (state === 'suspect') suspicion = true;
    if (state === 'down') down += 1;
  }
  if (alive === down) return 'abstain';
  if (down > alive) return 'down';
  return suspicion ? 'suspect' : 'up';
}

function reasonOf(state: 'up' | 'suspect' | 'down', ballot: Ballot, input: FamilyVotes): string {
  const { quorum, vantageCount } = input;
  const alive = [...ballot.up, ...ballot.suspect];
  const voters = state === 'up' ? alive : ballot[state];
  const heard = heardReason(voters, state, input);
  const rule = quorum === 'majority' ? '' : `, quorum ${quorum}`;
  const share = `${state} by ${voters.length} of ${vantageCount} vantages (${voters.join(', ')})${rule}`;
  // With a majority the winners are the more; else those that were outvoted are worth a word.
  const others = quorum === 'majority' ? [] : state === 'down' ? alive : ballot.down;
  const against =
    others.length === 0 ? '' : `; ${state === 'down' ? 'not so' : 'down'} by ${others.join(', ')}`;
  return `${share}${heard === '' ? '' : `: ${heard}`}${against}`;
}

/** What most of the voters say; of two equally common the first in the alphabet, so that it does not waver. */
function heardReason(voters: readonly string[], state: HealthState, input: FamilyVotes): string {
  const counts = new Map<string, number>();
  for (const vantage of voters) {
    for (const report of input.reports.get(vantage) ?? []) {
      const heard = report.families[input.family];
      if (heard?.state === state) counts.set(heard.reason, (counts.get(heard.reason) ?? 0) + 1);
    }
  }
  const ranked = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return ranked[0]?.[0] ?? '';
}
