/**
 * The right to lead: one key in a bucket that forgets. Whoever creates it leads and renews it each second;
 * everybody else tries to create it (expiry sends no watch event on NATS 2.9, so there is nothing to wait for).
 *
 *   sent renewal ──────────── TTL ───────────────> the bucket forgets
 *        └────── TTL - margin ──────> we stop acting, by our own monotonic clock, whatever the network says
 *
 * Must not know what a leader does.
 */
import { encodeJson } from '@signpost/contracts/decode';
import type { Bucket } from '@signpost/contracts/messaging';
import type { FencingToken } from '@signpost/contracts/record-store';
import { buckets } from '@signpost/contracts/subjects';
import type { Clock } from '@signpost/lifecycle/clock';

export const LEASE_KEY = 'controller';
export const LEASE_TTL_MS = buckets.lease.ttlMs;
export const RENEW_EVERY_MS = 1_000;
/** For the time a write of ours may still be on its way when the lease ends. */
export const LEASE_MARGIN_MS = 1_000;
/** A standby leads at most this much after the old lease expired. */
export const POLL_EVERY_MS = 500;

export interface LeaseOptions {
  readonly bucket: Bucket;
  readonly clock: Clock;
  /** Unlike any other process's: by it we know our own entry when the answer to a write was lost. */
  readonly holder: string;
  readonly signal: AbortSignal;
}

export interface Lease extends AsyncDisposable {
  /** Constant over renewals. */
  readonly token: FencingToken;
  /** Aborts when the lease is lost or released. */
  readonly signal: AbortSignal;
  /** Whether we may act now. Ask before each step that others see. */
  holds(): boolean;
  /** Another writer with a newer token was met: stops at once, without waiting for the deadline. */
  lost(reason: string): void;
}

/** Waits until the lease is ours; rejects only with the signal's reason. Disposal gives it back. */
export async function acquireLease(options: LeaseOptions): Promise<Lease> {
  const { bucket, clock, signal } = options;
  for (;;) {
    signal.throwIfAborted();
    const sentAtMs = clock.monotonic();
    const revision = await tryCreate(options);
    if (revision !== undefined) {
      const held = new HeldLease(options, { createdAtMs: bucket.createdAtMs, revision }, sentAtMs);
      held.keep();
      return held;
    }
    await clock.sleep(POLL_EVERY_MS, signal);
  }
}

async function tryCreate({ bucket, holder }: LeaseOptions): Promise<number | undefined> {
  try {
    const outcome = await bucket.create(LEASE_KEY, encodeJson({ holder }));
    return outcome.kind === 'written' ? outcome.revision : undefined;
  } catch {
    // Not reached. Had it been created all the same, nobody leads until it expires; then somebody does.
    return undefined;
  }
}

class HeldLease implements Lease {
  readonly token: FencingToken;
  readonly #options: LeaseOptions;
  readonly #ended = new AbortController();
  #revision: number;
  #validUntilMs: number;
  #renewing: Promise<void> = Promise.resolve();

  constructor(options: LeaseOptions, token: FencingToken, sentAtMs: number) {
    this.#options = options;
    this.token = token;
    this.#revision = token.revision;
    this.#validUntilMs = sentAtMs + LEASE_TTL_MS - LEASE_MARGIN_MS;
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  holds(): boolean {
    return !this.#ended.signal.aborted && this.#options.clock.monotonic() < this.#validUntilMs;
  }

  lost(reason: string): void {
    this.#ended.abort(new Error(`the lease is lost: ${reason}`));
  }

  keep(): void {
    this.#renewing = this.#renewForEver();
  }

  /** Deletes the key if it is still ours, so that a standby need not wait for it to expire. */
  async [Symbol.asyncDispose](): Promise<void> {
    const held = this.holds();
    this.#ended.abort(new Error('the lease is released'));
    await this.#renewing;
    // Waiting for a renewal takes time too: after the deadline the key may be another one's.
    if (!held || this.#options.clock.monotonic() >= this.#validUntilMs) return;
    try {
      await this.#options.bucket.delete(LEASE_KEY);
    } catch {
      // It expires.
    }
  }

  async #renewForEver(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#ended.signal.aborted) {
      try {
        await clock.sleep(
          Math.min(RENEW_EVERY_MS, this.#validUntilMs - clock.monotonic()),
          this.#ended.signal,
        );
      } catch {
        return;
      }
      if (!this.holds()) return this.lost('it could not be renewed in time');
      await this.#beforeDeadline(this.#renew());
    }
  }

  /** An answer that never comes must not keep us from noticing that time is up. */
  async #beforeDeadline(renewal: Promise<void>): Promise<void> {
    const { clock } = this.#options;
    const answered = new AbortController();
    const deadline = clock
      .sleep(this.#validUntilMs - clock.monotonic(), answered.signal)
      .catch(() => undefined);
    await Promise.race([renewal, deadline]);
    answered.abort();
  }

  async #renew(): Promise<void> {
    const { bucket, clock, holder } = this.#options;
    const sentAtMs = clock.monotonic();
    try {
      let outcome = await bucket.update(LEASE_KEY, encodeJson({ holder }), this.#revision);
      if (outcome.kind === 'conflict') {
        const revision = await this.#ourRevision();
        if (revision === undefined) return this.lost('another controller holds it');
        outcome = await bucket.update(LEASE_KEY, encodeJson({ holder }), revision);
      }
      if (outcome.kind === 'conflict') return;
      this.#revision = outcome.revision;
      this.#validUntilMs = Math.max(this.#validUntilMs, sentAtMs + LEASE_TTL_MS - LEASE_MARGIN_MS);
    } catch {
      // Not reached: the next renewal may be; the deadline stands.
    }
  }

  /** A renewal whose answer was lost is stored all the same: then the entry is ours, at a later revision. */
  async #ourRevision(): Promise<number | undefined> {
    const entry = await this.#options.bucket.get(LEASE_KEY);
    const ours = Buffer.from(encodeJson({ holder: this.#options.holder }));
    return entry !== undefined && ours.equals(entry.value) ? entry.revision : undefined;
  }
}
