/** What the stream and the bucket of a client know of their log. Types only. */
import type { Follower, FollowerOptions } from './follower.ts';
import type { StreamLog } from './stream-log.ts';

/** A stream or bucket as a client opened it: found by name at each use, since the store may be wiped. */
export interface OpenedLog {
  /** Throws `MessagingError` when cut off or when the log is missing and this client may not make it. */
  use(): StreamLog;
  /** As `use`, but undefined where that throws. */
  current(): StreamLog | undefined;
  follow(options: Omit<FollowerOptions, 'currentLog' | 'reachable' | 'onError' | 'onDispose'>): Follower;
}
