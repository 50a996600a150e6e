/**
 * H5: the sign of life that keeps all reports of this prober fresh, once a second, and says which they are.
 */
import { CLOUD_EVENT_CONTENT_TYPE, encodeEvent } from '@signpost/contracts/cloud-event';
import { HEARTBEAT_INTERVAL_MS, proberBeat } from '@signpost/contracts/heartbeats';
import { HEADER_CONTENT_TYPE, type Messaging } from '@signpost/contracts/messaging';
import { subjects } from '@signpost/contracts/subjects';
import type { Clock } from '@signpost/lifecycle/clock';

import type { Identity, Outbox } from './outbox.ts';

export interface SendHeartbeatsOptions {
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly outbox: Outbox;
}

/** Resolves when the signal fires. */
export async function sendHeartbeats(options: SendHeartbeatsOptions, signal: AbortSignal): Promise<void> {
  const { messaging, clock } = options;
  // The first after a reconnect goes at once: a second of silence would be counted against us.
  using _connected = messaging.onConnected((connected) => {
    if (connected) send();
  });
  let beats = 0;
  const send = () => {
    beats += 1;
    sendOne(options, beats);
  };
  while (!signal.aborted) {
    if (messaging.connected()) send();
    await clock.sleep(HEARTBEAT_INTERVAL_MS, signal).catch(() => {});
  }
}

function sendOne({ messaging, clock, identity, outbox }: SendHeartbeatsOptions, beat: number): void {
  const { vantage, prober, incarnation } = identity;
  const event = encodeEvent(proberBeat, {
    id: `${vantage}.${prober}-${incarnation}-beat-${beat}`,
    source: `/signpost/prober/${vantage}/${prober}`,
    subject: prober,
    atMs: clock.now(),
    data: { ...identity, ...outbox.summary() },
  });
  messaging.core.publish(subjects.proberHeartbeat(vantage, prober), event, {
    [HEADER_CONTENT_TYPE]: CLOUD_EVENT_CONTENT_TYPE,
  });
}
