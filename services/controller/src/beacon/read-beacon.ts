/**
 * The body of a beacon: `{ "eu-a": 34.1, "us-a": 120 }`, milliseconds by target. Strict, since strangers send it; what is
 * no name of a target or no round trip refuses it whole. It must not know which targets there are.
 */
import { decodeJson, type Decoded } from '@signpost/contracts/decode';
import { LONGEST_ROUND_TRIP_MS } from '@signpost/contracts/latency-signal';
import { nameSchema } from '@signpost/contracts/names';
import * as z from 'zod';

/** Octets of a body. */
export const MAX_BEACON = 2_048;
/** Targets in one beacon. */
export const MAX_BEACON_TARGETS = 16;

const beaconSchema = z
  .record(nameSchema, z.number().positive().lt(LONGEST_ROUND_TRIP_MS))
  .refine((beacon) => Object.keys(beacon).length > 0, 'names no target')
  .refine((beacon) => Object.keys(beacon).length <= MAX_BEACON_TARGETS, 'names too many targets');
export type Beacon = z.output<typeof beaconSchema>;

export function readBeacon(body: string): Decoded<Beacon> {
  return decodeJson(beaconSchema, body);
}
