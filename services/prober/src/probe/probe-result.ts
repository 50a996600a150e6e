/**
 * What a probe found. Never an exception: whatever goes wrong is one of these.
 * Times are milliseconds of the monotonic clock.
 */

export type ProbeResult = ProbePass | ProbeFail | ProbeInconclusive;

export interface ProbePass {
  readonly kind: 'pass';
  /** From the first packet to the last answer waited for: the connection (tcp), the response headers (http). */
  readonly roundTripMs: number;
  readonly phases: ProbePhases;
}

export interface ProbeFail {
  readonly kind: 'fail';
  /** A few words for people, at most 512 characters: `connection refused`, `status 503, wanted 301 or 302`. */
  readonly reason: string;
  /** Present when the target did answer, though not as wanted. */
  readonly roundTripMs?: number;
}

/**
 * We could not tell, and it is our own doing: no file descriptor was left, the process was held up past the
 * deadline, or the probe was called off. It counts neither way: no failure of ours may take a name down.
 */
export interface ProbeInconclusive {
  readonly kind: 'inconclusive';
  readonly reason: string;
}

/** How long each step took, as far as it came. */
export interface ProbePhases {
  readonly resolve?: number;
  readonly connect?: number;
  readonly tls?: number;
  readonly headers?: number;
}
