/**
 * Whether the stream of events can still hold an event. What it has forgotten looks like what was never told, and
 * must not be told again. Pure.
 */
import { streams } from '@signpost/contracts/subjects';

/** `atMs`: when it happened, wall clock. */
export function mayBeKept(atMs: number, wallMs: number): boolean {
  return wallMs - atMs < streams.events.maxAgeMs;
}
