/** What the fast path overwrites with each query. One per worker. */
import { HashedName } from '@signpost/dns/hashed-name';

export class FastState {
  /** Entry of the zone that holds the name, and the label of the name at which its apex begins. */
  zone = 0;
  apexLabel = 0;
  /** Of the name that was located. */
  entry = 0;
  /** Of the label at which a zone cut begins. */
  cutLabel = 0;
  /** Of the name or zone that the response is counted by. */
  holderHash = 0;
  /** An alias' target, or a name server. */
  readonly target = new HashedName();
  /** Where in the message the target stands. */
  targetAt = 0;

  /** Where the next octet goes, and how far the message may go. */
  at = 0;
  limit = 0;
  answers = 0;
  authorities = 0;
  additionals = 0;
  /** Longest prefix that any selection needed. */
  scope = 0;
}
