/** The settings of cookies, of what the server tells of itself, of the rate limit and of samples, from the environment. */
import type { EnvironmentReader } from '@signpost/config/read-env';
import { COOKIE_SECRET_LENGTH } from '@signpost/dns/server-cookie';

import { MAX_NSID_LENGTH } from './encode/write-opt.ts';
import type { RateLimits } from './limit/rate-limiter.ts';
import { MAX_CHAOS_TEXT_LENGTH } from './serve/chaos-texts.ts';
import { type AnswerSettings, DEFAULT_ANSWER_SETTINGS } from './worker/answer-settings.ts';

/** More to one network for one name is no limit. */
const MOST_PER_SECOND = 10_000;
const MOST_SLIP = 100;
/** Beyond that the samples would cost more than the answers. */
const MOST_SAMPLES_PER_SECOND = 1_000;
const LONGEST_WINDOW_MS = 3_600_000;

/** Problems are noted with the reader. */
export function readAnswerSettings(reader: EnvironmentReader): AnswerSettings {
  return {
    cookieSecrets: readCookieSecrets(reader),
    nsid: readNsid(reader),
    server: {
      id: chaosText(reader, 'SIGNPOST_ID_SERVER', reader.optionalString('SIGNPOST_ID_SERVER')),
      version: chaosText(reader, 'SIGNPOST_VERSION_SERVER', reader.optionalString('SIGNPOST_VERSION_SERVER')),
    },
    rateLimits: readLimits(reader),
    samplesPerSecond: reader.integer('SIGNPOST_ANSWER_SAMPLES', {
      min: 0,
      max: MOST_SAMPLES_PER_SECOND,
      fallback: DEFAULT_ANSWER_SETTINGS.samplesPerSecond,
    }),
  };
}

/** What is wrong with a secret is told without showing it. */
function readCookieSecrets(reader: EnvironmentReader): Uint8Array[] {
  const text = reader.secret('SIGNPOST_COOKIE_SECRET');
  if (text === undefined) return [];
  const secrets = text.split(',').map((secret) => hexOctets(secret.trim()));
  if (secrets.every((secret) => secret?.length === COOKIE_SECRET_LENGTH)) return secrets as Uint8Array[];
  reader.problem(
    'SIGNPOST_COOKIE_SECRET: write secrets of 32 hexadecimal digits, separated by commas; "openssl rand -hex 16" makes one',
  );
  return [];
}

function readNsid(reader: EnvironmentReader): Uint8Array | undefined {
  const text = reader.optionalString('SIGNPOST_NSID');
  if (text === undefined) return undefined;
  const octets = text.startsWith('0x') ? hexOctets(text.slice(2)) : new TextEncoder().encode(text);
  if (octets !== undefined && octets.length > 0 && octets.length <= MAX_NSID_LENGTH) return octets;
  reader.problem(
    `SIGNPOST_NSID="${text}": write text, or 0x and an even count of hexadecimal digits, of 1 to ${MAX_NSID_LENGTH} octets`,
  );
  return undefined;
}

function chaosText(
  reader: EnvironmentReader,
  variable: string,
  text: string | undefined,
): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const octets = new TextEncoder().encode(text);
  if (octets.length > 0 && octets.length <= MAX_CHAOS_TEXT_LENGTH) return octets;
  reader.problem(
    `${variable} has ${octets.length} octets: write a text of 1 to ${MAX_CHAOS_TEXT_LENGTH} octets`,
  );
  return undefined;
}

function readLimits(reader: EnvironmentReader): RateLimits | undefined {
  const perSecond = reader.integer('SIGNPOST_RATE_LIMIT', { min: 0, max: MOST_PER_SECOND, fallback: 0 });
  const limits = {
    perSecond,
    windowMs: reader.durationMs('SIGNPOST_RATE_LIMIT_WINDOW', 15_000),
    slip: reader.integer('SIGNPOST_RATE_LIMIT_SLIP', { min: 0, max: MOST_SLIP, fallback: 2 }),
    exempt: reader.prefixes('SIGNPOST_RATE_LIMIT_EXEMPT'),
  };
  if (limits.windowMs < 1_000 || limits.windowMs > LONGEST_WINDOW_MS) {
    reader.problem('SIGNPOST_RATE_LIMIT_WINDOW: use a duration from 1s to 1h');
  }
  return perSecond === 0 ? undefined : limits;
}

function hexOctets(text: string): Uint8Array | undefined {
  if (!/^([\da-f]{2})+$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g)!, (digits) => Number.parseInt(digits, 16));
}
