/** How a service reaches NATS and Redis: the same variables for all services, read here once for all. */
import type { EnvironmentReader } from './read-env.ts';

export interface ServerSettings {
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** PEM: the authorities to trust; asks for TLS. */
  readonly ca: string | undefined;
}

/** Without a fallback the URL must be set. */
export function readNatsSettings(reader: EnvironmentReader, fallbackUrl?: string): ServerSettings {
  return {
    url: reader.url('SIGNPOST_NATS_URL', ['nats:', 'tls:'], fallbackUrl),
    user: reader.optionalString('SIGNPOST_NATS_USER'),
    password: reader.secret('SIGNPOST_NATS_PASSWORD'),
    ca: reader.certificates('SIGNPOST_NATS_CA'),
  };
}

export function readRedisSettings(reader: EnvironmentReader): ServerSettings {
  return {
    url: reader.url('SIGNPOST_REDIS_URL', ['redis:', 'rediss:'], 'redis://127.0.0.1:6379'),
    user: reader.optionalString('SIGNPOST_REDIS_USER'),
    password: reader.secret('SIGNPOST_REDIS_PASSWORD'),
    ca: reader.certificates('SIGNPOST_REDIS_CA'),
  };
}
