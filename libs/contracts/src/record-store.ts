/**
 * Ports: the store of published record sets, as its one writer and as its many readers see it.
 * Adapters: libs/redis and libs/memory; the suite in libs/testkit holds them equal. No Redis type may appear here,
 * nor any decision about what to publish or when to swap.
 */
import type { Generation } from './brands.ts';
import type { Publication } from './publication.ts';
import type { RecordSet, ZoneFacts } from './record-set.ts';

/** Who may write: (bucket creation time, revision of the acquiring `create`), constant over renewals. */
export interface FencingToken {
  readonly createdAtMs: number;
  readonly revision: number;
}

/** Negative: `a` is older than `b`. Compared as a pair. */
export function compareTokens(a: FencingToken, b: FencingToken): number {
  return a.createdAtMs - b.createdAtMs || a.revision - b.revision;
}

export interface StoredZone {
  /** Absent while the first large publication of the zone is under way: such a zone is not served. */
  readonly facts: ZoneFacts | undefined;
  /** By `owner|TYPE`. */
  readonly recordSets: ReadonlyMap<string, RecordSet>;
  /**
   * Fields whose value cannot be decoded: of another version, or edited by hand. Told to the writer alone, which
   * puts them right; a reader's `readZones` throws instead, so that it keeps what it has.
   */
  readonly unreadable?: readonly string[];
}

/** A zone as a reader is given it. */
export interface ReadZone {
  readonly apex: string;
  /** Absent as in `StoredZone`. */
  readonly facts: ZoneFacts | undefined;
  /**
   * By `owner|TYPE`. To be walked once: each is decoded when it is asked for, and the first that cannot be throws
   * `StoreError`.
   */
  readonly recordSets: Iterable<readonly [field: string, set: RecordSet]>;
}

export interface StoredRecords {
  readonly generation: Generation;
  /** By apex. */
  readonly zones: ReadonlyMap<string, StoredZone>;
}

export type PublishOutcome =
  | { readonly kind: 'published' }
  /** A newer writer was here: this one must stop. */
  | { readonly kind: 'fenced'; readonly by: FencingToken }
  /** The store is not where the writer thought (wiped, or written by another): read it and publish whole. */
  | { readonly kind: 'base_mismatch'; readonly stored: Generation };

export interface RecordWriter {
  /** Generation 0 when the store is empty. */
  generation(): Promise<Generation>;
  /** Everything; facts that cannot be decoded are absent, and record sets are `unreadable`. */
  readAll(): Promise<StoredRecords>;
  /** One atomic step: checks token and base, writes, appends to the change feed, moves the generation last. */
  publish(publication: Publication, token: FencingToken): Promise<PublishOutcome>;
  /** Publications after `generation` that the change feed still holds and that can be decoded, oldest first. */
  publicationsAfter(generation: Generation): Promise<readonly Publication[]>;
  /** Says that the writer lives; refused silently when the token is older than the stored one. */
  tick(atMs: number, token: FencingToken): Promise<void>;
  /** The table of round trips; undefined when there is none. */
  latencies(): Promise<Uint8Array | undefined>;
  /** Replaces it; refused silently when the token is older than the stored one. */
  putLatencies(octets: Uint8Array, token: FencingToken): Promise<void>;
}

/** A place in the change feed; opaque. */
export type FeedPosition = string;

export interface RecordReader extends AsyncDisposable {
  /** The end of the change feed now. */
  position(): Promise<FeedPosition>;
  /**
   * Everything, zone by zone, so that nobody need hold all of it. Not atomically: follow the feed from a position noted
   * before until the `generation()` asked for afterwards is applied. Throws `StoreError` amid it, too.
   */
  readZones(): AsyncIterable<ReadZone>;
  generation(): Promise<Generation>;
  /** Publications after `position`, oldest first; waits up to `waitMs` for one. Empty: none came. */
  changesAfter(position: FeedPosition, waitMs: number): Promise<readonly PositionedPublication[]>;
  /** The writer's last tick (its wall clock), undefined when there is none. */
  lastTickMs(): Promise<number | undefined>;
  /**
   * The table of round trips; undefined when there is none, 'known' when its first `LATENCY_HEAD_LENGTH` octets are
   * those of `known`, whereupon no more of it is read.
   */
  latencies(known: Uint8Array | undefined): Promise<Uint8Array | 'known' | undefined>;
  connected(): boolean;
}

export interface PositionedPublication {
  readonly position: FeedPosition;
  readonly publication: Publication;
}

/** The store was not reached or holds something that cannot be decoded; the message names the key. */
export class StoreError extends Error {
  readonly code = 'SIGNPOST_STORE';
  override readonly name = 'StoreError';
}
