/**
 * H6: messages -> checked inputs for the loop. Bad bytes are counted and dropped, never retried, and a message
 * must be about what its subject says, since permissions on NATS are given by subject. Must not judge.
 */
import { decodeEvent, type EventKind } from '@signpost/contracts/cloud-event';
import { decodeJson } from '@signpost/contracts/decode';
import { healthReported } from '@signpost/contracts/health-report';
import { authorityBeat, proberBeat } from '@signpost/contracts/heartbeats';
import type { Bucket, Message, Messaging, Stream } from '@signpost/contracts/messaging';
import { nameSchema, pairKey } from '@signpost/contracts/names';
import { storedOverrideSchema } from '@signpost/contracts/override';
import { patterns, subjects } from '@signpost/contracts/subjects';
import { LOAD_KEYS, loadKey, storedLoadSchema } from '@signpost/contracts/stored-load';
import { decodeTargetHeartbeat } from '@signpost/contracts/target-heartbeat';
import { decodeTargetLoad } from '@signpost/contracts/target-load';
import { VANTAGE_KEYS, vantageKey, vantageStandingSchema } from '@signpost/contracts/vantage-standing';
import { verdictSchema } from '@signpost/contracts/verdict';
import type { Clock } from '@signpost/lifecycle/clock';
import type * as z from 'zod';

import { heardAt } from '../fleet/evolve-fleet.ts';
import { isFresh, proberKey, type Fleet } from '../fleet/fleet.ts';
import type { HeardHeartbeat } from '../verdict/judge-heartbeat.ts';
import { followGuards } from './follow-guards.ts';
import { followSamples } from './follow-samples.ts';
import type { Inbox } from './inbox.ts';
import type { Input } from './take-inputs.ts';

export interface FollowInputsOptions {
  readonly messaging: Messaging;
  readonly health: Stream;
  readonly verdicts: Bucket;
  readonly overrides: Bucket;
  readonly guards: Bucket;
  readonly clock: Clock;
  readonly inbox: Inbox<Input>;
  /** The present fleet: a heartbeat of a prober that counts already can wait for the next tick. */
  readonly fleet: () => Fleet;
  /** The last heartbeats of targets: only one that says something else cannot wait. */
  readonly heartbeats: () => ReadonlyMap<string, HeardHeartbeat>;
  /** Whether a policy asks how clients spread: else samples are not looked at. */
  readonly weighsClients: () => boolean;
  readonly onBad: (subject: string, reason: string) => void;
}

/** Disposal ends all subscriptions. */
export async function followInputs(options: FollowInputsOptions): Promise<AsyncDisposable> {
  await using open = new AsyncDisposableStack();
  open.use(followProberBeats(options));
  open.use(followAuthorityBeats(options));
  open.use(followTargetBeats(options));
  open.use(followTargetLoads(options));
  open.use(followSamples(options));
  open.use(followConnection(options));
  const verdicts = open.use(await followVerdicts(options));
  const overrides = open.use(await followOverrides(options));
  const guards = open.use(await followGuards(options));
  const reports = open.use(
    await options.health.follow({
      pattern: patterns.healthReports,
      from: 'last-per-subject',
      listener: (message) => takeReport(message, options),
    }),
  );
  Promise.all([verdicts.caughtUp, overrides.caughtUp, guards.caughtUp, reports.caughtUp]).then(
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

function followTargetBeats({ messaging, clock, inbox, heartbeats, onBad }: FollowInputsOptions): Disposable {
  return messaging.core.subscribe(patterns.targetHeartbeats, ({ subject, data }) => {
    const target = nameSchema.safeParse(subject.slice(subject.lastIndexOf('.') + 1));
    const decoded = decodeTargetHeartbeat(data);
    if (!target.success || subjects.targetHeartbeat(target.data) !== subject) {
      return onBad(subject, 'it names no target');
    }
    if (!decoded.ok) return onBad(subject, decoded.reason);
    const known = heartbeats().get(target.data)?.heartbeat.status;
    // One from a target that we do not know of, perhaps rightly, must not drive the loop.
    const urgent = known !== undefined && known !== decoded.value.status;
    inbox.push(
      { kind: 'heartbeat', target: target.data, heartbeat: decoded.value, heardAtMs: clock.monotonic() },
      urgent,
    );
  });
}

/** None is urgent: nothing that load decides is done within a second. */
function followTargetLoads({ messaging, clock, inbox, onBad }: FollowInputsOptions): Disposable {
  return messaging.core.subscribe(patterns.targetLoads, ({ subject, data }) => {
    const target = nameSchema.safeParse(subject.slice(subject.lastIndexOf('.') + 1));
    const decoded = decodeTargetLoad(data);
    if (!target.success || subjects.targetLoad(target.data) !== subject) {
      return onBad(subject, 'it names no target');
    }
    if (!decoded.ok) return onBad(subject, decoded.reason);
    inbox.push(
      { kind: 'load', target: target.data, load: decoded.value, heardAtMs: clock.monotonic() },
      false,
    );
  });
}

/** What could not be heard is no silence. */
function followConnection({ messaging, clock, inbox }: FollowInputsOptions): Disposable {
  const tell = (connected: boolean) =>
    inbox.push({ kind: 'connected', sinceMs: connected ? clock.monotonic() : undefined });
  tell(messaging.connected());
  return messaging.onConnected(tell);
}

function followVerdicts({ verdicts, inbox, onBad }: FollowInputsOptions) {
  return verdicts.watch({
    listener: (change) => {
      if (change.key.startsWith(VANTAGE_KEYS)) return takeStanding(change, inbox, onBad);
      if (change.key.startsWith(LOAD_KEYS)) return takeStoredLoad(change, inbox, onBad);
      const { key, value, revision } = change;
      if (value === undefined) return inbox.push({ kind: 'stored-verdict', pair: key, stored: undefined });
      const decoded = decodeJson(verdictSchema, value);
      if (!decoded.ok) return onBad(key, decoded.reason);
      const pair = pairKey(decoded.value.monitor, decoded.value.target);
      if (pair !== key) return onBad(key, 'its value is about another pair');
      inbox.push({ kind: 'stored-verdict', pair, stored: { verdict: decoded.value, revision } });
    },
  });
}

function followOverrides({ overrides, inbox, onBad }: FollowInputsOptions) {
  return overrides.watch({
    listener: ({ key, value }) => {
      if (value === undefined) return inbox.push({ kind: 'stored-override', id: key, stored: undefined });
      const decoded = decodeJson(storedOverrideSchema, value);
      if (!decoded.ok) return onBad(key, decoded.reason);
      if (decoded.value.id !== key) return onBad(key, 'its value is about another override');
      inbox.push({ kind: 'stored-override', id: key, stored: decoded.value });
    },
  });
}

function takeStanding(
  { key, value, revision }: { key: string; value: Uint8Array | undefined; revision: number },
  inbox: FollowInputsOptions['inbox'],
  onBad: FollowInputsOptions['onBad'],
): void {
  const vantage = key.slice(VANTAGE_KEYS.length);
  if (value === undefined) return inbox.push({ kind: 'stored-standing', vantage, stored: undefined });
  const decoded = decodeJson(vantageStandingSchema, value);
  if (!decoded.ok) return onBad(key, decoded.reason);
  if (vantageKey(decoded.value.vantage) !== key) return onBad(key, 'its value is about another vantage');
  inbox.push({ kind: 'stored-standing', vantage, stored: { standing: decoded.value, revision } });
}

function takeStoredLoad(
  { key, value, revision }: { key: string; value: Uint8Array | undefined; revision: number },
  inbox: FollowInputsOptions['inbox'],
  onBad: FollowInputsOptions['onBad'],
): void {
  const pool = key.slice(LOAD_KEYS.length);
  if (value === undefined) return inbox.push({ kind: 'stored-load', pool, stored: undefined });
  const decoded = decodeJson(storedLoadSchema, value);
  if (!decoded.ok) return onBad(key, decoded.reason);
  if (loadKey(decoded.value.pool) !== key) return onBad(key, 'its value is about another pool');
  inbox.push({ kind: 'stored-load', pool, stored: { stored: decoded.value, revision } });
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
