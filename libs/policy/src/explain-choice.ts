/**
 * Says for one client by what a choice among pools was decided: distances, round trips, weights. Computes them with
 * the functions that selection uses; which pool it came to is selection's word. Pure.
 */
import type { Point } from '@signpost/contracts/record-set';

import type { Choice, FastestChoice, NearestChoice, WeightedChoice } from './choice.ts';
import { leavesOf } from './choice.ts';
import { EARTH_RADIUS_KM, nearestAngle, priorRoundTripMs, unitVectors, writeUnitVector } from './distance.ts';
import type { LatencyTable } from './latency-table.ts';
import type { ClientView } from './match-client.ts';
import { placesOf, type PoolStanding } from './pool-standing.ts';
import { stickyBits } from './sticky-draw.ts';

export interface ExplainedClient {
  readonly client: ClientView;
  readonly latencies: LatencyTable;
  readonly slotOf: (target: string) => number;
  /** What a row is about, `203.0.113.0/24`; absent: that is not told. */
  readonly nameOf?: (row: number) => string | undefined;
}

/** One text per choice on the way, outermost first; none for a pool by itself. */
export function explainChoice(choice: Choice, by: ExplainedClient): readonly string[] {
  if (choice.kind === 'pool') return [];
  return [explainOne(choice, by), ...choice.of.flatMap((part) => explainChoice(part.choice, by))];
}

function explainOne(choice: Exclude<Choice, { kind: 'pool' }>, by: ExplainedClient): string {
  switch (choice.kind) {
    case 'weighted':
      return explainWeights(choice, by);
    case 'nearest':
      return explainDistances(choice, by);
    case 'fastest':
      return explainRoundTrips(choice, by);
    default:
      throw new TypeError(`unhandled choice ${JSON.stringify(choice satisfies never)}`);
  }
}

function explainWeights({ of }: WeightedChoice, { client }: ExplainedClient): string {
  let total = 0;
  for (const { weight } of of) total += weight;
  const shares = of.map(({ choice, weight }) => `${namesOf(choice)} ${round((100 * weight) / total)} %`);
  return `the client's /${stickyBits(client.family)} draws among ${shares.join(', ')}`;
}

function explainDistances({ of }: NearestChoice, { client }: ExplainedClient): string {
  const place = placeOf(client);
  if (place === undefined) return 'where the client is is not known, so the first pool serves';
  const distances = of.map(({ choice, pool, stretch }) => {
    const km = round(angleTo(pool, place) * EARTH_RADIUS_KM, 0);
    return `${namesOf(choice)} ${km} km${stretch === 1 ? '' : ` x ${round(stretch, 2)} by bias`}`;
  });
  return `by distance: ${distances.join(', ')}`;
}

function explainRoundTrips({ of, slack }: FastestChoice, by: ExplainedClient): string {
  const { client, latencies, slotOf, nameOf } = by;
  const row = latencies.find(client);
  const measuredFor = nameOf?.(row);
  const place = placeOf(client);
  const trips = of.map(({ choice, pool }) => {
    const measured = placesOf(pool)
      .map(({ target }) => (row < 0 ? Number.NaN : latencies.at(row, slotOf(target))))
      .filter((ms) => ms >= 0);
    if (measured.length > 0) return `${namesOf(choice)} ${round(Math.min(...measured))} ms`;
    const angle = place === undefined ? undefined : placedAngle(pool, place);
    if (angle === undefined) return `${namesOf(choice)} not known`;
    return `${namesOf(choice)} ${round(priorRoundTripMs(angle))} ms by distance`;
  });
  const slackText = slack.share > 0 ? `${round(100 * slack.share)} %` : `${slack.ms} ms`;
  const rowText = measuredFor === undefined ? '' : ` as measured for ${measuredFor}`;
  return `by round trip${rowText}, within ${slackText} of the best the first: ${trips.join(', ')}`;
}

function namesOf(choice: Choice): string {
  return [...new Set(leavesOf(choice).map(({ pool }) => pool.pool))].join('/');
}

function placeOf(client: ClientView): Float64Array | undefined {
  const { location } = client.place();
  if (location === undefined) return undefined;
  const vector = new Float64Array(3);
  writeUnitVector(location, vector);
  return vector;
}

function angleTo(pool: PoolStanding, place: Float64Array): number {
  return placedAngle(pool, place) ?? Math.PI;
}

function placedAngle(pool: PoolStanding, place: Float64Array): number | undefined {
  const points = placesOf(pool).flatMap(({ configuration: { at } }): Point[] =>
    at === undefined ? [] : [at],
  );
  return points.length === 0 ? undefined : nearestAngle(unitVectors(points), 0, points.length, place);
}

function round(value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
