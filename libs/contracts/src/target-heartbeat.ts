/**
 * A target's own sign of life, from the users' systems: `signpost.signal.heartbeat.<target>` on core NATS, or
 * `POST /api/v1/heartbeat/<target>` of the controller. An empty payload says that all is well; JSON may say more,
 * bare or as the data of a CloudEvent.
 */
import * as z from 'zod';

import { decodeEvent, eventType, type EventKind } from './cloud-event.ts';
import { decodeJson, encodeJson, type Decoded } from './decode.ts';

export const targetHeartbeatSchema = z.object({
  /** `draining`: alive, and wants no new clients; for answers that is down. */
  status: z.enum(['up', 'draining', 'down']).default('up'),
  /** In a few words, for events and `signpost status`. */
  reason: z.string().max(256).optional(),
});
export type TargetHeartbeat = z.output<typeof targetHeartbeatSchema>;

export const targetBeat: EventKind<typeof targetHeartbeatSchema> = {
  type: 'signpost.target.beat.v1',
  schema: targetHeartbeatSchema,
};

/** More than a status and a reason need is no heartbeat. */
export const MAX_TARGET_HEARTBEAT = 4_096;

export function decodeTargetHeartbeat(octets: Uint8Array): Decoded<TargetHeartbeat> {
  if (octets.length === 0) return { ok: true, value: { status: 'up' } };
  if (octets.length > MAX_TARGET_HEARTBEAT)
    return { ok: false, reason: `${octets.length} octets are too many` };
  if (eventType(octets) === undefined) return decodeJson(targetHeartbeatSchema, octets);
  const event = decodeEvent(targetBeat, octets);
  return event.ok ? { ok: true, value: event.value.data } : event;
}

export function encodeTargetHeartbeat(heartbeat: TargetHeartbeat): Uint8Array {
  return encodeJson(heartbeat);
}
