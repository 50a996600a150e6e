/**
 * H8, second half: the votes of the vantages on one address family -> what is concluded. Pure.
 *
 * A side wins with more votes than the other and with a majority of the configured vantages (or with
 * `min_reports` votes where that is less), so that vantages that fell silent never tip the scale. Otherwise the
 * last verdict stands.
 */
import type { Family, HealthState } from '@signpost/contracts/health';
import type { HealthReport } from '@signpost/contracts/health-report';

export interface FamilyVotes {
  readonly family: Family;
  /** Fresh reports on the pair, by vantage, of the vantages that the monitor is configured for. */
  readonly reports: ReadonlyMap<string, readonly HealthReport[]>;
  /** How many vantages are configured. */
  readonly vantageCount: number;
  readonly minReports: number;
  readonly last: HealthState;
}

export interface FamilyJudgement {
  readonly state: HealthState;
  readonly reason: string;
  /** Vantages that had a vote. */
  readonly votes: number;
}

/** `suspect` stands by what was: it keeps an `up` alive, and never raises what is down or not known yet. */
type Vote = 'up' | 'suspect' | 'down' | 'abstain';

export function judgeFamily(input: FamilyVotes): FamilyJudgement {
  const byVote = castVotes(input);
  const alive = [...byVote.up, ...byVote.suspect];
  const { down } = byVote;
  const votes = alive.length + down.length;
  const needed = Math.min(input.minReports, majorityOf(input.vantageCount));
  if (votes < input.minReports) {
    return { ...standing(input.last, `too few votes (${votes} of ${input.minReports} needed)`), votes };
  }
  const [winner, losers] = alive.length > down.length ? [alive, down] : [down, alive];
  if (winner.length === losers.length) {
    return { ...standing(input.last, `${alive.length} votes for up, ${down.length} for down`), votes };
  }
  if (winner.length < needed) {
    return { ...standing(input.last, `no majority (${winner.length} of ${needed} votes needed)`), votes };
  }
  const state = winner === down ? 'down' : byVote.suspect.length > 0 ? 'suspect' : 'up';
  return { state, reason: reasonOf(state, winner, byVote, input), votes };
}

export function majorityOf(vantageCount: number): number {
  return Math.floor(vantageCount / 2) + 1;
}

function standing(last: HealthState, why: string): Pick<FamilyJudgement, 'state' | 'reason'> {
  const rest = last === 'unknown' ? 'nothing is known yet' : 'last verdict stands';
  return { state: last, reason: `${why}: ${rest}` };
}

function castVotes(input: FamilyVotes): Record<Vote, string[]> {
  const byVote: Record<Vote, string[]> = { up: [], suspect: [], down: [], abstain: [] };
  for (const [vantage, reports] of input.reports) byVote[voteOf(reports, input)].push(vantage);
  for (const vantages of Object.values(byVote)) vantages.sort();
  return byVote;
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

function reasonOf(
  state: 'up' | 'suspect' | 'down',
  winner: readonly string[],
  byVote: Record<Vote, string[]>,
  input: FamilyVotes,
): string {
  const voters = state === 'suspect' ? byVote.suspect : winner;
  const heard = heardReason(voters, state, input);
  const share = `${state} by ${voters.length} of ${input.vantageCount} vantages (${voters.join(', ')})`;
  return heard === '' ? share : `${share}: ${heard}`;
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
