/** What all workers of a process start with: settings, and the secrets and memory that they must have in common. */
import { randomBytes } from 'node:crypto';

import { COOKIE_SECRET_LENGTH } from '@signpost/dns/server-cookie';
import { HALF_SIPHASH_KEY_LENGTH } from '@signpost/dns/half-siphash';

import { type RateLimits } from '../limit/rate-limiter.ts';
import { rateTableMemory } from '../limit/rate-table.ts';
import type { ServerTexts } from '../serve/chaos-texts.ts';
import type { AnswerSettings } from './answer-settings.ts';

export interface SharedStart {
  /** At least one. */
  readonly cookieSecrets: readonly Uint8Array[];
  readonly nsid: Uint8Array | undefined;
  readonly server: ServerTexts;
  readonly rateLimit: SharedRateLimit | undefined;
  /** Answers that a worker samples per second, about; 0: none. */
  readonly samplesPerSecond: number;
  /** For TLS sessions that any worker may resume. */
  readonly ticketKeys: Uint8Array;
}

export interface SharedRateLimit {
  readonly limits: RateLimits;
  readonly memory: SharedArrayBuffer;
  readonly secret: Uint8Array;
}

/** Pairs of network and name that are told apart: two megabytes, as much as all other state of a busy server. */
const RATE_TABLE_SLOTS = 2 ** 18;
/** As Node wants them. */
const TICKET_KEYS_LENGTH = 48;

export function sharedStart(
  { cookieSecrets, nsid, server, rateLimits, samplesPerSecond }: AnswerSettings,
  workers: number,
): SharedStart {
  return {
    cookieSecrets: cookieSecrets.length > 0 ? cookieSecrets : [octetsByChance(COOKIE_SECRET_LENGTH)],
    nsid,
    server,
    rateLimit: rateLimits && {
      limits: rateLimits,
      memory: rateTableMemory(RATE_TABLE_SLOTS),
      secret: octetsByChance(HALF_SIPHASH_KEY_LENGTH),
    },
    samplesPerSecond: samplesPerSecond / workers,
    ticketKeys: octetsByChance(TICKET_KEYS_LENGTH),
  };
}

/** Not a view of Node's pool, which would be cloned whole with it. */
function octetsByChance(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}
