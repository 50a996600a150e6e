/**
 * The running part: hears signals, and, in the controller that leads, writes the table to the store under the fence,
 * at most every few seconds and only when what it shows moved. Apart from the loop that judges health, so that a flood
 * of measurements never keeps a verdict waiting.
 */
import { decodeLatencySignal } from '@signpost/contracts/latency-signal';
import type { CoreMessaging } from '@signpost/contracts/messaging';
import { nameSchema } from '@signpost/contracts/names';
import { StoreError, type RecordWriter } from '@signpost/contracts/record-store';
import { decodeLatencies, encodeLatencies } from '@signpost/contracts/stored-latencies';
import { patterns, subjects } from '@signpost/contracts/subjects';
import type { Clock } from '@signpost/lifecycle/clock';

import type { Lease } from '../lead/lease.ts';
import { FORGET_AFTER_MS } from './estimate-round-trip.ts';
import type { LatencyKeeper } from './latency-keeper.ts';
import { isEmpty } from './pack-latencies.ts';

export interface KeepLatenciesOptions {
  readonly keeper: LatencyKeeper;
  readonly core: CoreMessaging;
  readonly writer: Pick<RecordWriter, 'latencies' | 'putLatencies'>;
  readonly clock: Clock;
  /** The lease while we lead. */
  readonly lease: () => Lease | undefined;
  readonly signal: AbortSignal;
  readonly onBad: (subject: string, reason: string) => void;
}

export const PUBLISH_EVERY_MS = 5_000;
/** So that readers can tell a table that is still true from one that nobody keeps. */
const REWRITE_EVERY_MS = 60_000;

interface Keeping {
  /** The lease for which the store's table was taken over; undefined: none was, for no lease yet. */
  adoptedFor: Lease | 'none' | undefined;
  /** The store may hold rows, so that an empty table must be written too. */
  storeHasRows: boolean;
  /** Monotonic. */
  writtenAtMs: number;
  forgotAtMs: number;
}

/** Returns when the signal fires; an outage of the store is waited out, and told by the loop that publishes records. */
export async function keepLatencies(options: KeepLatenciesOptions): Promise<void> {
  const { clock, signal } = options;
  using _signals = followSignals(options);
  const keeping: Keeping = {
    adoptedFor: undefined,
    storeHasRows: false,
    writtenAtMs: Number.NEGATIVE_INFINITY,
    forgotAtMs: clock.monotonic(),
  };
  while (!signal.aborted) {
    await clock.sleep(PUBLISH_EVERY_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await adoptStored(keeping, options);
      await publish(keeping, options);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }
}

function followSignals({ core, keeper, onBad }: KeepLatenciesOptions): Disposable {
  return core.subscribe(patterns.latencySignals, ({ subject, data }) => {
    const target = nameSchema.safeParse(subject.slice(subject.lastIndexOf('.') + 1));
    const decoded = decodeLatencySignal(data);
    if (target.success && subjects.latencySignal(target.data) === subject && decoded.ok) {
      return keeper.take(target.data, decoded.value);
    }
    keeper.count('malformed');
    onBad(subject, decoded.ok ? 'it names no target' : decoded.reason);
  });
}

/** At the start, and with each lease: what readers were told stays as it is while our own estimates are near it. */
async function adoptStored(
  keeping: Keeping,
  { keeper, writer, clock, lease }: KeepLatenciesOptions,
): Promise<void> {
  const held = lease();
  if (keeping.adoptedFor !== undefined && (held === undefined || held === keeping.adoptedFor)) return;
  const octets = await writer.latencies();
  const stored = octets === undefined ? undefined : decodeLatencies(octets);
  keeping.storeHasRows = octets !== undefined;
  if (stored?.ok === true) {
    const ageMs = clock.now() - stored.value.atMs;
    if (ageMs <= FORGET_AFTER_MS) keeper.aggregate.adopt(stored.value, ageMs, clock.monotonic());
  }
  keeping.adoptedFor = held ?? 'none';
}

async function publish(
  keeping: Keeping,
  { keeper, writer, clock, lease }: KeepLatenciesOptions,
): Promise<void> {
  const nowMs = clock.monotonic();
  const { aggregate } = keeper;
  if (nowMs - keeping.forgotAtMs >= REWRITE_EVERY_MS) {
    keeper.forget();
    keeping.forgotAtMs = nowMs;
  }
  const held = lease();
  if (held === undefined || !held.holds()) return;
  if (!aggregate.moved && nowMs - keeping.writtenAtMs < REWRITE_EVERY_MS) return;
  const packed = keeper.pack();
  if (isEmpty(packed) && !keeping.storeHasRows) return;
  aggregate.moved = false;
  try {
    await writer.putLatencies(encodeLatencies(packed), held.token);
  } catch (error) {
    aggregate.moved = true;
    throw error;
  }
  keeping.writtenAtMs = nowMs;
  keeping.storeHasRows = !isEmpty(packed);
}
