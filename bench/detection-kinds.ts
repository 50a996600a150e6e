/** The ways in which a target dies in the detection bench, and what an event must say of each. */
import type { TargetFailure } from '@signpost/testkit/start-failing-targets';

export interface FailureKind {
  readonly name: string;
  readonly scheme: 'http' | 'https';
  /** What the target itself does, what is done to its process, or to its packets. */
  readonly means: TargetFailure | 'freeze-process' | 'drop-packets';
  /** Stands in the reason of the event. */
  readonly reason: RegExp;
}

export const FAILURE_KINDS: readonly FailureKind[] = [
  { name: 'refused', scheme: 'http', means: 'refuse', reason: /connection refused/ },
  { name: 'reset', scheme: 'http', means: 'reset', reason: /connection (reset|closed)/ },
  // The kernel accepts for the stopped process, so it is the answer that is waited for.
  { name: 'blackhole', scheme: 'http', means: 'freeze-process', reason: /while waiting for headers/ },
  { name: 'blackhole-drop', scheme: 'http', means: 'drop-packets', reason: /while connecting/ },
  { name: 'http-500', scheme: 'http', means: 'status-500', reason: /status 500/ },
  { name: 'wrong-body', scheme: 'http', means: 'wrong-body', reason: /body/ },
  { name: 'expired-certificate', scheme: 'https', means: 'expired', reason: /certificate expired/ },
];
