/** What the API answers from: the running controller's state, and the bucket that an `apply` goes to. */
import { encodeJson } from '@signpost/contracts/decode';
import { guardKeys, viewHold } from '@signpost/contracts/guard';
import { MessagingError, type Bucket } from '@signpost/contracts/messaging';
import type { Clock } from '@signpost/lifecycle/clock';

import type { EventFeed } from './api/event-feed.ts';
import type { ApiSource } from './api/routes.ts';
import { applyConfiguration } from './config-store/apply-configuration.ts';
import { explain, type FindPlace } from './explain/explain.ts';
import { statusOf } from './explain/status.ts';
import { holdsOf } from './reconcile/controller-state.ts';
import type { Observable } from './observe-controller.ts';

export interface ApiSourceOptions {
  readonly facts: Observable;
  readonly feed: EventFeed;
  readonly clock: Clock;
  /** Both resolve once NATS was reached. */
  readonly bucket: Promise<Bucket>;
  readonly guards: Promise<Bucket>;
  readonly geo: FindPlace;
}

export function apiSource({ facts, feed, clock, bucket, guards, geo }: ApiSourceOptions): ApiSource {
  return {
    events: feed,
    status: () =>
      statusOf(facts.state(), {
        leader: facts.leading(),
        messagingConnected: facts.messagingConnected(),
        storeConnected: facts.storeConnected(),
        monotonicMs: facts.monotonicMs(),
      }),
    explain: (question) => explain(facts.state(), question, geo, clock.now()),
    configuration: () => {
      const { configuration } = facts.state();
      if (configuration === undefined) return undefined;
      return { revision: configuration.revision, configuration: configuration.written };
    },
    holds: () => holdsOf(facts.state()).map(viewHold),
    approve: async (id, { by, reason }) => {
      if (!facts.messagingConnected()) throw new MessagingError('not connected');
      const hold = holdsOf(facts.state()).find((held) => held.id === id);
      if (hold === undefined) return undefined;
      const approval = { by, reason, atMs: Math.floor(clock.now()) };
      await (await guards).put(guardKeys.approved(id), encodeJson(approval));
      return viewHold(hold);
    },
    apply: async (text, file) => {
      if (!facts.messagingConnected()) throw new MessagingError('not connected');
      return applyConfiguration(await bucket, { text, file, nowMs: clock.now() });
    },
  };
}
