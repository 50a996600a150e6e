/** A recording as JSON, for whoever draws or compares it otherwise. Pure; times in milliseconds, shares from 0 to 1. */
import type { Findings } from './draw-simulation.ts';
import type { Recording } from './recorder.ts';

export function simulationJson(recording: Recording, { failovers, skews }: Findings): unknown {
  const { name, type, policy, seed, resolvers, largestShare, seconds } = recording;
  return {
    name,
    type,
    policy,
    seed,
    resolvers,
    largestShare,
    seconds,
    events: recording.marks.map(({ atMs, text, targets }) => ({ atMs, text, targets })),
    verdicts: recording.verdicts.map(({ atMs, verdict: { monitor, target, state, reason } }) => ({
      atMs,
      monitor,
      target,
      state,
      reason,
    })),
    decisions: recording.decisions,
    ttls: recording.ttls,
    failovers: failovers.map(({ mark, ...rest }) => ({ event: mark.text, atMs: mark.atMs, ...rest })),
    shares: skews,
    /** By second. */
    targets: recording.targets.map(({ target, requests, answers, configured }) => ({
      target,
      requests: rounded(requests),
      answers: rounded(answers),
      configured: rounded(configured),
    })),
    unanswered: rounded(recording.unanswered),
  };
}

function rounded(values: Float64Array): number[] {
  return Array.from(values, (value) => Math.round(value * 1e4) / 1e4);
}
