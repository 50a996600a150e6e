/** What the messaging suite needs of an adapter, and what its tests get. Types only. */
import type { Messaging } from '@signpost/contracts/messaging';

/** A server and ways to hurt it. */
export interface MessagingFixture extends AsyncDisposable {
  /** A client of its own. */
  connect(): Promise<Messaging>;
  /** Moves the server's clock where a test may; that of a real server moves by itself. */
  passTime(ms: number): void;
  stop(): Promise<void>;
  /** Starts it again after `stop`, with what it had stored, or with nothing. */
  start(options: { readonly wipe: boolean }): Promise<void>;
}

/** What a test gets: clients that are disposed for it, and names nobody else uses. */
export interface MessagingSubject {
  readonly fixture: () => MessagingFixture;
  readonly name: () => string;
}
