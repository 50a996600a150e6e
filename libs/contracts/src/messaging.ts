/**
 * Port: what the services need of NATS, in NATS' own terms: core messages, streams, key-value buckets.
 * Adapters: libs/nats and libs/memory; the suite in libs/testkit holds them equal. Values are octets: encoding
 * and decoding stand beside the schemas, once for both. No NATS type may appear here.
 */
import type { BucketDeclaration, StreamDeclaration } from './subjects.ts';

export interface Messaging extends AsyncDisposable {
  readonly core: CoreMessaging;
  /** Opens a stream; creates it as declared when `create` is set, else waits until it exists or the signal fires. */
  stream(declaration: StreamDeclaration, options: OpenOptions): Promise<Stream>;
  /** Opens a bucket, likewise. */
  bucket(declaration: BucketDeclaration, options: OpenOptions): Promise<Bucket>;
  /** Whether the server is reached now. */
  connected(): boolean;
  /** Calls back whenever `connected()` changes. */
  onConnected(listener: (connected: boolean) => void): Disposable;
}

export interface OpenOptions {
  readonly create: boolean;
  readonly signal: AbortSignal;
}

export type Headers = Readonly<Record<string, string>>;

export interface Message {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Headers;
}

/** At most once, no memory: a message that nobody hears is gone, and none is kept while disconnected. */
export interface CoreMessaging {
  publish(subject: string, data: Uint8Array, headers?: Headers): void;
  /** `pattern` may hold `*` and a final `>`. Subscriptions outlive a reconnect. */
  subscribe(pattern: string, listener: (message: Message) => void): Disposable;
  /** Rejects with `MessagingError` when nobody answers within `timeoutMs`. */
  request(subject: string, data: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  respond(subject: string, answer: (message: Message) => Uint8Array): Disposable;
}

export interface StoredMessage extends Message {
  /** Position in the stream, from 1, growing. */
  readonly sequence: number;
  /** When the stream stored it, wall clock. */
  readonly storedAtMs: number;
}

export interface Appended {
  readonly sequence: number;
  /** The id was seen within the duplicate window: nothing was stored. */
  readonly duplicate: boolean;
}

/** A durable log of subjects. */
export interface Stream {
  /** Resolves once stored; rejects with `MessagingError` when that is not known. Repeating it with the same id is safe. */
  append(subject: string, data: Uint8Array, options: { id: string; headers?: Headers }): Promise<Appended>;
  /** The last message of a subject. */
  last(subject: string): Promise<StoredMessage | undefined>;
  /**
   * Reads what is there (all of it, the last message of each subject, or nothing), then follows what comes.
   * Survives reconnects without a gap. The listener is called in order, one message at a time.
   */
  follow(options: FollowOptions): Promise<Following>;
  /** Removes all messages of a subject. */
  purge(subject: string): Promise<void>;
}

export interface FollowOptions {
  readonly pattern: string;
  readonly from: 'all' | 'last-per-subject' | 'new';
  readonly listener: (message: StoredMessage) => void;
}

export interface Following extends AsyncDisposable {
  /** Resolves when everything that was in the stream at the start has been given to the listener. */
  readonly caughtUp: Promise<void>;
}

export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Grows with each write of the bucket, whatever the key. */
  readonly revision: number;
}

export type WriteOutcome =
  | { readonly kind: 'written'; readonly revision: number }
  /** Somebody else wrote first: the key exists (`create`) or has another revision (`update`). */
  | { readonly kind: 'conflict' };

/** Keys with revisions. Keys match `BUCKET_KEY_PATTERN`. Failures of the server reject with `MessagingError`. */
export interface Bucket {
  /** When the bucket was made, wall clock of the server: with a revision it makes a fencing token. */
  readonly createdAtMs: number;
  /** The entry, or its earlier value when `revision` is given; undefined when there is none. */
  get(key: string, revision?: number): Promise<Entry | undefined>;
  /** Writes only if the key does not exist (or was deleted, or expired). */
  create(key: string, value: Uint8Array): Promise<WriteOutcome>;
  /** Writes only if the key's revision is still `revision`. */
  update(key: string, value: Uint8Array, revision: number): Promise<WriteOutcome>;
  put(key: string, value: Uint8Array): Promise<number>;
  delete(key: string): Promise<void>;
  keys(): Promise<readonly string[]>;
  /** Gives every present entry, then each change (undefined value: deleted). Expiry by TTL is not told. */
  watch(options: WatchOptions): Promise<Following>;
}

export interface WatchOptions {
  /** Key, or pattern with `*` and `>` over tokens separated by dots; absent: all. */
  readonly pattern?: string;
  readonly listener: (change: { key: string; value: Uint8Array | undefined; revision: number }) => void;
}

/** The server was not reached, did not answer in time, or refused. Nothing is known of what was asked for. */
export class MessagingError extends Error {
  readonly code = 'SIGNPOST_MESSAGING';
  override readonly name = 'MessagingError';
}

/** Tokens separated by dots, none empty. */
export const BUCKET_KEY_PATTERN = /^[-/_=a-zA-Z0-9]+(\.[-/_=a-zA-Z0-9]+)*$/;

export const HEADER_MESSAGE_ID = 'Nats-Msg-Id';
export const HEADER_CONTENT_TYPE = 'Content-Type';
