/**
 * What a probe found. Never an exception: whatever goes wrong is one of these.
 * Times are milliseconds of the monotonic clock, except where the wall clock is named.
 */

export type ProbeResult = ProbePass | ProbeFail | ProbeInconclusive | ProbeUnable;

export interface ProbePass {
  readonly kind: 'pass';
  /** From the first packet to the last answer waited for: the connection (tcp), the response headers (http). */
  readonly roundTripMs: number;
  readonly phases: ProbePhases;
  readonly certificate?: CertificateSeen;
}

export interface ProbeFail {
  readonly kind: 'fail';
  /** A few words for people, at most 512 characters: `connection refused`, `status 503, wanted 301 or 302`. */
  readonly reason: string;
  /** Present when the target did answer, though not as wanted. */
  readonly roundTripMs?: number;
  readonly certificate?: CertificateSeen;
}

/**
 * We could not tell, and it is our own doing: no file descriptor was left, the process was held up past the
 * deadline, or the probe was called off. It counts neither way: no failure of ours may take a name down.
 */
export interface ProbeInconclusive {
  readonly kind: 'inconclusive';
  readonly reason: string;
}

/**
 * This prober cannot probe so until somebody mends its host or the monitor, as the reason says: `install
 * iputils-ping`. The target is told as `unknown` with that reason, which is no vote: no failure of ours may take a name down.
 */
export interface ProbeUnable {
  readonly kind: 'unable';
  readonly reason: string;
}

/** How long each step took, as far as it came. */
export interface ProbePhases {
  readonly resolve?: number;
  readonly connect?: number;
  readonly tls?: number;
  /** From the request to the first of the answer: headers, a datagram, or the text waited for. */
  readonly answer?: number;
  /** From the headers to the end of the body, or to what was looked for in it. */
  readonly body?: number;
}

export interface CertificateSeen {
  /** When the first of the chain expires, wall clock. */
  readonly expiresMs: number;
  /** Present when that is nearer than the monitor likes, or passed and tolerated. */
  readonly warning?: string;
}
