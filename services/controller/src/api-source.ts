/** What the API answers from: the running controller's state, and the bucket that an `apply` goes to. */
import { MessagingError, type Bucket } from '@signpost/contracts/messaging';
import type { Clock } from '@signpost/lifecycle/clock';

import type { EventFeed } from './api/event-feed.ts';
import type { ApiSource } from './api/routes.ts';
import { applyConfiguration } from './config-store/apply-configuration.ts';
import { exportZone } from './export/export-zone.ts';
import { explain, type FindPlace } from './explain/explain.ts';
import { statusOf } from './explain/status.ts';
import type { Observable } from './observe-controller.ts';
import { healthView } from './reconcile/controller-state.ts';

export interface ApiSourceOptions {
  readonly facts: Observable;
  readonly feed: EventFeed;
  readonly clock: Clock;
  /** Resolves once NATS was reached. */
  readonly bucket: Promise<Bucket>;
  readonly geo: FindPlace;
}

export function apiSource({ facts, feed, clock, bucket, geo }: ApiSourceOptions): ApiSource {
  return {
    events: feed,
    status: () =>
      statusOf(facts.state(), {
        leader: facts.leading(),
        messagingConnected: facts.messagingConnected(),
        storeConnected: facts.storeConnected(),
        monotonicMs: facts.monotonicMs(),
      }),
    explain: (question) => explain(facts.state(), question, geo),
    exportZone: (zone) => {
      const { configuration, records, verdicts } = facts.state();
      if (configuration === undefined) return undefined;
      return exportZone(configuration.topology, zone, {
        health: healthView(verdicts),
        serial: records?.zones.get(zone)?.facts?.soa.serial,
        wallMs: clock.now(),
      });
    },
    configuration: () => {
      const { configuration } = facts.state();
      if (configuration === undefined) return undefined;
      return { revision: configuration.revision, configuration: configuration.written };
    },
    apply: async (text, file) => {
      if (!facts.messagingConnected()) throw new MessagingError('not connected');
      return applyConfiguration(await bucket, { text, file, nowMs: clock.now() });
    },
  };
}
