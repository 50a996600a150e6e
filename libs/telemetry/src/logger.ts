/** Structured logs: JSON lines by pino, with the active trace, and never a secret. */
import { trace } from '@opentelemetry/api';
import { ConfigError } from '@signpost/config/config-error';
import { pino, type Logger as PinoLogger } from 'pino';

export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

export interface LogOptions {
  readonly service: string;
  /** `LOG_LEVEL`: debug, info, warn, error or silent. */
  readonly level: string;
  /** Where lines go; stdout by default. */
  readonly to?: LogTarget;
}

/** A file descriptor, or who takes each line of JSON, to draw it where a person reads. */
export type LogTarget = 1 | 2 | ((line: string) => void);

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** What `LOG_LEVEL` says; throws `ConfigError` when it is none of pino's. */
export function logLevelOf(env: Readonly<Record<string, string | undefined>>, fallback = 'info'): string {
  const level = env['LOG_LEVEL'] || fallback;
  if (!LEVELS.includes(level)) {
    throw new ConfigError([`LOG_LEVEL="${level}": use one of ${LEVELS.join(', ')}`]);
  }
  return level;
}

export function createLogger({ service, level, to = 1 }: LogOptions): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
      mixin: activeTrace,
    },
    typeof to === 'function' ? { write: to } : pino.destination({ dest: to, sync: true }),
  );
}

/** A logger that writes nothing, for tests. */
export const silentLogger: Logger = pino({ level: 'silent' });

const SECRETS = ['password', 'pass', 'token', 'secret', 'authorization', 'apiToken', 'credentials'];

function activeTrace(): object {
  const span = trace.getActiveSpan()?.spanContext();
  return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
}
