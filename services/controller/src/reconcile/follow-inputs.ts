/**
 * H6: messages -> checked inputs for the loop. Bad bytes are counted and dropped, never retried, and a message
 * must be about what its subject says, since permissions on NATS are given by subject. Must not judge.
 */
import { decodeEvent, type EventKind } from '@signpost/contracts/cloud-event';
import { decodeJson } from '@signpost/contracts/decode';
import { healthReported } from '@signpost/contracts/health-report';
import { authorityBeat, proberBeat } from '@signpost/contracts/heartbeats';
import type { Bucket, Message, Messaging, Stream } from '@signpost/contracts/messaging';
import { pairKey } from '@signpost/contracts/names';
import { patterns, subjects } from '@signpost/contracts/subjects';
import { verdictSchema } from '@signpost/contracts/verdict';
import type { Clock } from '@signpost/lifecycle/clock';
import type * as z from 'zod';

import { heardAt } from '../fleet/evolve-fleet.ts';
import { isFresh, proberKey, type Fleet } from '../fleet/fleet.ts';
import { followGuards } from './follow-guards.ts';
import type { Inbox } from './inbox.ts';
import type { Input } from './observe.ts';

export interface FollowInputsOptions {
  readonly messaging: Messaging;
  readonly health: Stream;
  readonly verdicts: Bucket;
  readonly guards: Bucket;
  readonly clock: Clock;
  readonly inbox: Inbox<Input>;
  /** The present fleet: a heartbeat of a prober that counts already can wait for the next tick. */
  readonly fleet: () => Fleet;
  readonly onBad: (subject: string, reason: string) => void;
}

/** Disposal ends all subscriptions. */
export async function followInputs(options: FollowInputsOptions): Promise<AsyncDisposable> {
  await using open = new AsyncDisposableStack();
  open.use(followProberBeats(options));
  open.use(followAuthorityBeats(options));
  const verdicts = open.use(await followVerdicts(options));
  const guards = open.use(await followGuards(options));
  const reports = open.use(
    await options.health.follow({
      pattern: patterns.healthReports,
      from: 'last-per-subject',
      listener: (message) => takeReport(message, options),
    }),
  );
  Promise.all([verdicts.caughtUp, guards.caughtUp, reports.caughtUp]).then(
    () => options.inbox.push({ kind: 'caught-up' }),
    () => undefined, // disposed before it had caught up
  );
  return open.move();
}

function takeReport(message: Message, { inbox, onBad }: FollowInputsOptions): void {
  const report = read(healthReported, message, onBad);
  if (report === undefined) return;
  const subject = subjects.healthReport(report.monitor, report.target, report.vantage, report.prober);
  if (subject !== message.subject) return onBad(message.subject, 'its data is about another subject');
  inbox.push({ kind: 'report', report, traceparent: message.headers['traceparent'] });
}

function followProberBeats({ messaging, clock, inbox, fleet, onBad }: FollowInputsOptions): Disposable {
  return messaging.core.subscribe(patterns.proberHeartbeats, (message) => {
    const beat = read(proberBeat, message, onBad);
    if (beat === undefined) return;
    if (subjects.proberHeartbeat(beat.vantage, beat.prober) !== message.subject) {
      return onBad(message.subject, 'its data is about another subject');
    }
    const nowMs = clock.monotonic();
    const known = fleet().probers.get(proberKey(beat.vantage, beat.prober));
    const expected =
      known !== undefined && isFresh(known, nowMs) && known.beat?.incarnation === beat.incarnation;
    inbox.push({ kind: 'beat', beat: heardAt(beat, nowMs) }, !expected);
  });
}

function followAuthorityBeats({ messaging, clock, inbox, onBad }: FollowInputsOptions): Disposable {
  return messaging.core.subscribe(patterns.authorityHeartbeats, (message) => {
    const beat = read(authorityBeat, message, onBad);
    if (beat === undefined) return;
    if (subjects.authorityHeartbeat(beat.node) !== message.subject) {
      return onBad(message.subject, 'its data is about another subject');
    }
    inbox.push({ kind: 'authority', beat, heardAtMs: clock.monotonic() }, false);
  });
}

function followVerdicts({ verdicts, inbox, onBad }: FollowInputsOptions) {
  return verdicts.watch({
    listener: ({ key, value, revision }) => {
      if (value === undefined) return inbox.push({ kind: 'stored-verdict', pair: key, stored: undefined });
      const decoded = decodeJson(verdictSchema, value);
      if (!decoded.ok) return onBad(key, decoded.reason);
      const pair = pairKey(decoded.value.monitor, decoded.value.target);
      if (pair !== key) return onBad(key, 'its value is about another pair');
      inbox.push({ kind: 'stored-verdict', pair, stored: { verdict: decoded.value, revision } });
    },
  });
}

function read<Schema extends z.ZodType>(
  kind: EventKind<Schema>,
  message: Message,
  onBad: FollowInputsOptions['onBad'],
): z.output<Schema> | undefined {
  const decoded = decodeEvent(kind, message.data);
  if (decoded.ok) return decoded.value.data;
  onBad(message.subject, decoded.reason);
  return undefined;
}
