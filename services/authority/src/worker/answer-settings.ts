/** How responses are made, the same in all workers of a process. Plain values: structured clone carries them. */
import type { RateLimits } from '../limit/rate-limiter.ts';
import type { ServerTexts } from '../serve/chaos-texts.ts';

export interface AnswerSettings {
  /** Of 16 octets each: the first makes cookies, all verify them. None: one by chance, for this process alone. */
  readonly cookieSecrets: readonly Uint8Array[];
  /** What tells this server from others of its address. Undefined: nothing. */
  readonly nsid: Uint8Array | undefined;
  /** What the server tells of itself in class CH. */
  readonly server: ServerTexts;
  /** Undefined: responses are not limited. */
  readonly rateLimits: RateLimits | undefined;
  /** Answers sampled per second by all workers together, about; 0: none. */
  readonly samplesPerSecond: number;
}

export const DEFAULT_ANSWER_SETTINGS: AnswerSettings = {
  cookieSecrets: [],
  nsid: undefined,
  server: { id: undefined, version: undefined },
  rateLimits: undefined,
  samplesPerSecond: 100,
};
