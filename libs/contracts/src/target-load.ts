/**
 * What a target carries now, from the users' systems: `signpost.signal.load.<target>` on core NATS, or
 * `POST /api/v1/load/<target>` of the controller. JSON, bare or as the data of a CloudEvent. Pushed again and again,
 * also while it stays the same: what is old counts as not known.
 */
import * as z from 'zod';

import { decodeEvent, eventType, type EventKind } from './cloud-event.ts';
import { decodeJson, encodeJson, type Decoded } from './decode.ts';

export const targetLoadSchema = z.object({
  /** In the unit of `load: { soft, hard }` of its pools, whose load is the sum of their targets'. */
  load: z.number().min(0).max(1e15),
});
export type TargetLoad = z.output<typeof targetLoadSchema>;

export const targetLoaded: EventKind<typeof targetLoadSchema> = {
  type: 'signpost.target.loaded.v1',
  schema: targetLoadSchema,
};

/** More than a number needs, with the envelope around it, is no load. */
export const MAX_TARGET_LOAD = 4_096;

export function decodeTargetLoad(octets: Uint8Array): Decoded<TargetLoad> {
  if (octets.length > MAX_TARGET_LOAD) return { ok: false, reason: `${octets.length} octets are too many` };
  if (eventType(octets) === undefined) return decodeJson(targetLoadSchema, octets);
  const event = decodeEvent(targetLoaded, octets);
  return event.ok ? { ok: true, value: event.value.data } : event;
}

export function encodeTargetLoad(load: TargetLoad): Uint8Array {
  return encodeJson(load);
}
