/** What the API answers from: the running controller's state, and the bucket that an `apply` goes to. */
import { MessagingError, type Bucket, type CoreMessaging } from '@signpost/contracts/messaging';
import { subjects } from '@signpost/contracts/subjects';
import { encodeTargetHeartbeat } from '@signpost/contracts/target-heartbeat';
import type { Clock } from '@signpost/lifecycle/clock';

import type { EventFeed } from './api/event-feed.ts';
import type { ApiSource } from './api/routes.ts';
import { applyConfiguration } from './config-store/apply-configuration.ts';
import { explain, type FindPlace } from './explain/explain.ts';
import { statusOf } from './explain/status.ts';
import type { Observable } from './observe-controller.ts';

export interface ApiSourceOptions {
  readonly facts: Observable;
  readonly feed: EventFeed;
  readonly clock: Clock;
  readonly core: CoreMessaging;
  /** Resolves once NATS was reached. */
  readonly bucket: Promise<Bucket>;
  readonly geo: FindPlace;
}

export function apiSource({ facts, feed, clock, core, bucket, geo }: ApiSourceOptions): ApiSource {
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
    configuration: () => {
      const { configuration } = facts.state();
      if (configuration === undefined) return undefined;
      return { revision: configuration.revision, configuration: configuration.written };
    },
    heartbeat: (target, heartbeat) => {
      const { configuration } = facts.state();
      // Without a configuration nobody can tell; the controller that leads may have one.
      if (configuration !== undefined && !configuration.topology.listening.has(target)) return 'unexpected';
      if (!facts.messagingConnected()) throw new MessagingError('not connected');
      // By way of NATS, so that every controller hears it, above all the one that leads.
      core.publish(subjects.targetHeartbeat(target), encodeTargetHeartbeat(heartbeat));
      return 'sent';
    },
    apply: async (text, file) => {
      if (!facts.messagingConnected()) throw new MessagingError('not connected');
      return applyConfiguration(await bucket, { text, file, nowMs: clock.now() });
    },
  };
}
