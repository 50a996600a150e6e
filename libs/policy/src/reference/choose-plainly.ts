/**
 * The plain twins of what chooses one of several for a client: by weight, by distance, by round trip, with no tables
 * and other formulas. Each adds the bits that it looked at to `needs`. For tests alone.
 * Where two distances or round trips are equal but for rounding either may be chosen, so these give all that may.
 */
import type { Point } from '@signpost/contracts/record-set';

import type { ClientView } from '../match-client.ts';
import { rendezvousRank, stickyHash, stickySeed } from '../sticky-draw.ts';
import { latencyKey, type PlainLatencies } from './arbitrary-client.ts';

const EARTH_RADIUS_KM = 6_371;
const HALF_AROUND_KM = Math.PI * EARTH_RADIUS_KM;
const ROUNDING = 1e-6;

/** Indexes by rendezvous hashing on the leading `bits` of the client, best first; those of weight 0 are left out. */
export function rankPlainly(
  parts: readonly { readonly key: number; readonly weight: number }[],
  ownerName: string,
  client: ClientView,
  bits: number,
): number[] {
  const hash = stickyHash(stickySeed(ownerName), client, bits);
  const allZero = parts.every(({ weight }) => weight === 0);
  return parts
    .map(({ key, weight }, index) => ({ key, weight: allZero ? 1 : weight, index }))
    .filter(({ weight }) => weight > 0)
    .map(({ key, weight, index }) => ({ index, rank: rendezvousRank(hash, key, weight) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ index }) => index);
}

export interface PlacedPlainly {
  readonly at: readonly Readonly<Point>[];
  readonly stretch: number;
}

export function nearestPlainly(
  parts: readonly PlacedPlainly[],
  client: ClientView,
  needs: number[],
): number[] {
  if (parts.length === 1) return [0];
  const { location, prefixLength } = client.place();
  needs.push(prefixLength);
  if (location === undefined) return [0];
  const here: Point = [location.latitude, location.longitude];
  const distances = parts.map(
    ({ at, stretch }) => stretch * Math.min(HALF_AROUND_KM, ...at.map((there) => kilometres(here, there))),
  );
  const best = Math.min(...distances);
  const first = distances.indexOf(best);
  // The same points stretched alike come to the same number however it is computed, so the first of those is chosen.
  const isSame = (distance: number) => distance === best && best > ROUNDING;
  return distances.flatMap((distance, index) =>
    index === first || (distance - best < HALF_AROUND_KM * ROUNDING && !isSame(distance)) ? [index] : [],
  );
}

export interface MeasuredPlainly {
  readonly targets: readonly { readonly target: string; readonly at?: Readonly<Point> | undefined }[];
}

export function fastestPlainly(
  parts: readonly MeasuredPlainly[],
  slack: { readonly ms: number; readonly share: number },
  client: ClientView,
  measured: PlainLatencies,
  needs: number[],
): number[] {
  if (parts.length === 1) return [0];
  needs.push(measured.bits);
  const key = latencyKey(client, measured.bits);
  const trips = parts.map(({ targets }) => {
    const known = targets.flatMap(({ target }) => measured.ms.get(`${key} ${target}`) ?? []);
    return Math.min(...(known.length > 0 ? known : targets.map(({ at }) => byDistance(at, client, needs))));
  });
  const best = Math.min(...trips);
  if (best === Number.POSITIVE_INFINITY) return [0];
  const limit = best + best * slack.share + slack.ms;
  const able: number[] = [];
  for (const [index, trip] of trips.entries()) {
    const margin = trip - limit;
    if (margin <= ROUNDING) able.push(index);
    if (margin < -ROUNDING || trip === best) break;
  }
  return able;
}

/** 5 ms, and 0.015 ms for each kilometre. */
function byDistance(at: Readonly<Point> | undefined, client: ClientView, needs: number[]): number {
  if (at === undefined) return Number.POSITIVE_INFINITY;
  const { location, prefixLength } = client.place();
  needs.push(prefixLength);
  if (location === undefined) return Number.POSITIVE_INFINITY;
  return 5 + 0.015 * kilometres([location.latitude, location.longitude], at);
}

/** Haversine. */
function kilometres([fromNorth, fromEast]: Point, [toNorth, toEast]: Readonly<Point>): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const half = (degrees: number) => Math.sin(radians(degrees) / 2) ** 2;
  const square =
    half(toNorth - fromNorth) +
    Math.cos(radians(fromNorth)) * Math.cos(radians(toNorth)) * half(toEast - fromEast);
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, square)));
}
