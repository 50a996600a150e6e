/**
 * One sign of life a second on NATS, so that the controller can show what this node serves. Nothing depends on it:
 * without NATS the node answers all the same.
 */
import { CLOUD_EVENT_CONTENT_TYPE, encodeEvent } from '@signpost/contracts/cloud-event';
import {
  type AuthorityHeartbeat,
  authorityBeat,
  HEARTBEAT_INTERVAL_MS,
} from '@signpost/contracts/heartbeats';
import { HEADER_CONTENT_TYPE, type Messaging } from '@signpost/contracts/messaging';
import { subjects } from '@signpost/contracts/subjects';
import type { Clock } from '@signpost/lifecycle/clock';

import { untilReached } from './until-reached.ts';

/** What changes from beat to beat. */
export type AuthorityVitals = Omit<AuthorityHeartbeat, 'node' | 'incarnation' | 'sequence'>;

export interface HeartbeatOptions {
  /** Known at once, or when NATS was reached for the first time. */
  readonly messaging: Messaging | Promise<Messaging>;
  readonly node: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Undefined: nothing can be said any more. */
  readonly vitals: () => Promise<AuthorityVitals | undefined>;
}

/** Resolves when the signal aborts. */
export async function sendHeartbeats(options: HeartbeatOptions): Promise<void> {
  const { node, clock, signal, vitals } = options;
  const incarnation = Math.floor(clock.now());
  const messaging = await untilReached(options.messaging, signal);
  if (messaging === undefined) return;
  for (let sequence = 1; !signal.aborted; sequence += 1) {
    const present = await vitals();
    if (present !== undefined) send(messaging, clock, { node, incarnation, sequence, ...present });
    await clock.sleep(HEARTBEAT_INTERVAL_MS, signal).catch(() => undefined);
  }
}

function send(messaging: Messaging, clock: Clock, data: AuthorityHeartbeat): void {
  if (!messaging.connected()) return;
  const { node, incarnation, sequence } = data;
  const event = encodeEvent(authorityBeat, {
    id: `${node}.${incarnation}.${sequence}`,
    source: `/signpost/authority/${node}`,
    subject: node,
    atMs: Math.floor(clock.now()),
    data,
  });
  try {
    const headers = { [HEADER_CONTENT_TYPE]: CLOUD_EVENT_CONTENT_TYPE };
    messaging.core.publish(subjects.authorityHeartbeat(node), event, headers);
  } catch {
    // It was cut off just now; the next beat says the same.
  }
}
