/** The authority's settings, read once from the environment; all problems are told together. */
import { readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';

import type { ListenAddress } from '@signpost/config/listen-address';
import { type Environment, type EnvironmentReader, readEnvironment } from '@signpost/config/read-env';
import { readNatsSettings, readRedisSettings, type ServerSettings } from '@signpost/config/server-settings';
import { nameFromHost } from '@signpost/contracts/names';

import { readAnswerSettings } from './read-answer-settings.ts';
import { type ListenSettings, readListenSettings } from './read-listen-settings.ts';
import type { AnswerSettings } from './worker/answer-settings.ts';
import type { ZoneFileSettings } from './zone-files/open-zone-files.ts';
import { parseZoneOption } from './zone-files/zone-list.ts';

/** What an authority needs, alone or in one process with others. */
export interface AuthorityConfig extends ListenSettings {
  /** Its name in heartbeats and status. */
  readonly node: string;
  readonly workers: number;
  readonly answering: AnswerSettings;
  /** Undefined: the bundled database. */
  readonly geoDatabase: string | undefined;
  /** Undefined: none, autonomous systems of clients are not known. */
  readonly asnDatabase: string | undefined;
  /** How long it answers on after it was told to stop. */
  readonly lameduckMs: number;
}

export interface AuthorityProcessConfig extends AuthorityConfig {
  /** Undefined: records come from zone files. */
  readonly redis: ServerSettings | undefined;
  /** Undefined: records come from Redis. */
  readonly zoneFiles: ZoneFileSettings | undefined;
  /** Undefined: no heartbeats are sent. */
  readonly nats: ServerSettings | undefined;
  readonly adminListen: ListenAddress;
}

const MOST_WORKERS_BY_DEFAULT = 4;

/** For an authority process of its own. Throws `ConfigError`. */
export function readAuthorityProcessConfig(
  env: Environment,
  readFile: (path: string) => string = readText,
): Readonly<AuthorityProcessConfig> {
  const reader = readEnvironment(env, readFile);
  return reader.finish({
    ...readShared(reader, readFile),
    ...readSource(reader),
    nats: reader.optionalString('SIGNPOST_NATS_URL') === undefined ? undefined : readNatsSettings(reader),
    adminListen: reader.listen('SIGNPOST_ADMIN_LISTEN', '127.0.0.1:9153'),
  });
}

/** Where records come from: zone files when some are named, else Redis. */
function readSource(reader: EnvironmentReader): Pick<AuthorityProcessConfig, 'redis' | 'zoneFiles'> {
  const text = reader.optionalString('SIGNPOST_ZONE');
  const list = reader.optionalString('SIGNPOST_ZONES');
  if (text === undefined && list === undefined) {
    return { redis: readRedisSettings(reader), zoneFiles: undefined };
  }
  if (reader.optionalString('SIGNPOST_REDIS_URL') !== undefined) {
    reader.problem(
      'SIGNPOST_REDIS_URL and zone files are both named: records come from one of them, keep one',
    );
  }
  const { zones, problems } = parseZoneOption(text ?? '');
  for (const problem of problems) reader.problem(problem);
  return { redis: undefined, zoneFiles: { zones, list } };
}

/** For an authority within another process. Throws `ConfigError`. */
export function readAuthorityConfig(env: Environment): Readonly<AuthorityConfig> {
  const reader = readEnvironment(env, readText);
  return reader.finish(readShared(reader, readText));
}

function readShared(reader: EnvironmentReader, readFile: (path: string) => string): AuthorityConfig {
  return {
    node: reader.name('SIGNPOST_NODE', nameFromHost(hostname(), 'authority')),
    ...readListenSettings(reader, readFile),
    workers: reader.integer('SIGNPOST_WORKERS', {
      min: 1,
      max: 256,
      fallback: Math.min(availableParallelism(), MOST_WORKERS_BY_DEFAULT),
    }),
    answering: readAnswerSettings(reader),
    geoDatabase: reader.optionalString('SIGNPOST_GEO_DB'),
    asnDatabase: reader.optionalString('SIGNPOST_ASN_DB'),
    lameduckMs: reader.durationMs('SIGNPOST_LAMEDUCK', 5_000),
  };
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
