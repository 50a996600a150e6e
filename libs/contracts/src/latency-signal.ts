/**
 * Round trips between clients and one target, measured by whoever sees both: `signpost.signal.latency.<target>` on core
 * NATS, or `POST /api/v1/latency/<target>` of the controller; browsers' beacons come in the same form. The data of a
 * CloudEvent, or bare. It must not say what becomes of a measurement.
 */
import * as z from 'zod';

import { decodeEvent, eventType, type EventKind } from './cloud-event.ts';
import { decodeJson, type Decoded } from './decode.ts';

/** In one message. */
export const MAX_MEASUREMENTS = 1_000;
/** What so many need at most; below what a NATS server takes by default. */
export const MAX_LATENCY_SIGNAL = 256 * 1024;
/** What took longer was no round trip. */
export const LONGEST_ROUND_TRIP_MS = 60_000;

export const measurementSchema = z.object({
  /** An address, or a prefix whose clients were measured together: `203.0.113.0/24`. */
  client: z.string().min(2).max(64),
  ms: z.number().positive().lt(LONGEST_ROUND_TRIP_MS),
  /** How many measurements `ms` is the middle of. */
  samples: z.number().int().min(1).max(1_000_000).optional(),
});
export type Measurement = z.output<typeof measurementSchema>;

export const latencySignalSchema = z.object({
  measurements: z.array(measurementSchema).min(1).max(MAX_MEASUREMENTS),
});
export type LatencySignal = z.output<typeof latencySignalSchema>;

export const latencyMeasured: EventKind<typeof latencySignalSchema> = {
  type: 'signpost.latency.measured.v1',
  schema: latencySignalSchema,
};

export function decodeLatencySignal(octets: Uint8Array): Decoded<LatencySignal> {
  if (octets.length > MAX_LATENCY_SIGNAL)
    return { ok: false, reason: `${octets.length} octets are too many` };
  if (eventType(octets) === undefined) return decodeJson(latencySignalSchema, octets);
  const event = decodeEvent(latencyMeasured, octets);
  return event.ok ? { ok: true, value: event.value.data } : event;
}
