/**
 * Great-circle distances, as angles between points on a unit sphere.
 * Hot path but for `nearestAngle`: no allocation, no throw; points are laid out once as x, y, z.
 */
import type { Place } from '@signpost/contracts/place';
import type { Point } from '@signpost/contracts/record-set';

export const EARTH_RADIUS_KM = 6_371;

const RADIANS = Math.PI / 180;

type Location = NonNullable<Place['location']>;

/** Three numbers per point. */
export function unitVectors(points: readonly Point[]): Float64Array {
  return Float64Array.from(
    points.flatMap(([latitude, longitude]) => [
      Math.cos(latitude * RADIANS) * Math.cos(longitude * RADIANS),
      Math.cos(latitude * RADIANS) * Math.sin(longitude * RADIANS),
      Math.sin(latitude * RADIANS),
    ]),
  );
}

/** Writes x, y, z of a place in degrees. It takes the place whole: V8 may make an object of a fraction that is handed on. */
export function writeUnitVector({ latitude, longitude }: Location, into: Float64Array): void {
  const ring = Math.cos(latitude * RADIANS);
  into[0] = ring * Math.cos(longitude * RADIANS);
  into[1] = ring * Math.sin(longitude * RADIANS);
  into[2] = Math.sin(latitude * RADIANS);
}

/** Radians from a unit vector to the nearest of the points from index `from` to before `to`; pi for none. */
export function nearestAngle(vectors: Float64Array, from: number, to: number, place: Float64Array): number {
  const angle = new Float64Array(1);
  writeNearestAngle(vectors, from, to, place, angle, 0);
  return angle[0]!;
}

/** The same, written where it is needed: V8 would make an object of a fraction that is returned. */
export function writeNearestAngle(
  vectors: Float64Array,
  from: number,
  to: number,
  place: Float64Array,
  into: Float64Array,
  at: number,
): void {
  let cosine = -1;
  for (let i = from; i < to; i += 1) {
    const own =
      vectors[3 * i]! * place[0]! + vectors[3 * i + 1]! * place[1]! + vectors[3 * i + 2]! * place[2]!;
    if (own > cosine) cosine = own;
  }
  into[at] = Math.acos(Math.min(1, cosine));
}

/** A round trip where none was measured: so much at once, and so much more with each kilometre of the way. */
const PRIOR_MS = 5;
/** Light in glass takes 0.01 ms per kilometre there and back; paths are about one and a half times the distance. */
const PRIOR_MS_PER_KM = 0.015;

export function priorRoundTripMs(angle: number): number {
  return PRIOR_MS + angle * EARTH_RADIUS_KM * PRIOR_MS_PER_KM;
}
