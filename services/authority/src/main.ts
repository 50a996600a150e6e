/**
 * Authority: answers DNS queries from the records in Redis, or from zone files.
 *
 * Read top to bottom for what runs: config, telemetry, admin, connections, answering, shutdown. Nothing is decided
 * here; `serve/answer-query.ts` answers and `replica/follow-records.ts` follows the store.
 */
import { ConfigError } from '@signpost/config/config-error';
import type { Environment } from '@signpost/config/read-env';
import type { ServerSettings } from '@signpost/config/server-settings';
import { formatListenAddress } from '@signpost/config/listen-address';
import type { Messaging } from '@signpost/contracts/messaging';
import type { RecordReader } from '@signpost/contracts/record-store';
import { GeoDatabaseError } from '@signpost/geo/errors';
import { VERSION } from '@signpost/contracts/version';
import { type Readiness, startAdminServer } from '@signpost/lifecycle/admin-server';
import { systemClock } from '@signpost/lifecycle/clock';
import { onHangup } from '@signpost/lifecycle/hangup';
import { runMain } from '@signpost/lifecycle/run-main';
import { stopSignal } from '@signpost/lifecycle/stop-signal';
import { connectMessaging } from '@signpost/nats/messaging';
import { openRecordReader } from '@signpost/redis/record-reader';
import type { Logger } from '@signpost/telemetry/logger';
import { seldom } from '@signpost/telemetry/seldom';
import { startTelemetry } from '@signpost/telemetry/telemetry';

import { type AuthorityProcessConfig, readAuthorityProcessConfig } from './config.ts';
import { runAuthority } from './run-authority.ts';
import { openZoneFiles } from './zone-files/open-zone-files.ts';

/** What closing may take after the lameduck time. */
const CLOSING_MS = 5_000;

/** Returns after a clean stop by SIGTERM or SIGINT. Throws `ConfigError` for an operator's mistake. */
export async function main(env: Environment): Promise<void> {
  const config = readAuthorityProcessConfig(env);
  let readiness: Readiness = { ready: false, reasons: ['starting'] };

  // Closed in reverse order of opening, also when a later step throws.
  await using open = new AsyncDisposableStack();
  const telemetry = open.use(await startTelemetry({ service: 'signpost-authority', version: VERSION, env }));
  const { logger } = telemetry;
  const { signal } = open.use(stopSignal({ graceMs: config.lameduckMs + CLOSING_MS }));
  const admin = open.use(
    await startAdminServer({
      listen: config.adminListen,
      ready: () => readiness,
      metrics: () => telemetry.metricsText(),
    }),
  );
  logger.info({ admin: formatListenAddress(admin.address) }, 'authority started');
  // Hooks that renew certificates send it to whoever serves them, and it would end the process.
  open.use(onHangup(() => logger.info('SIGHUP: zone files are read again; all else is looked at by itself')));
  const reader = open.use(openSource(config, logger));
  const messaging = config.nats && connect(config.nats, config.node, logger, signal);
  messaging?.catch(() => {}); // told to stop before it was reached: nobody need hear of that
  open.defer(() => disposeWhenThere(messaging));
  try {
    await runAuthority({
      config,
      reader,
      ...(messaging === undefined ? {} : { messaging }),
      clock: systemClock,
      telemetry,
      signal,
      onReadiness: (now) => void (readiness = now),
    });
  } catch (error) {
    throw databaseMistake(error, config) ?? error;
  }
  logger.info('stopped');
}

/** An operator's mistake if the database that cannot be used was named. */
function databaseMistake(error: unknown, config: AuthorityProcessConfig): ConfigError | undefined {
  if (!(error instanceof GeoDatabaseError)) return undefined;
  const [variable, path] =
    error.kind === 'ASN' ? ['SIGNPOST_ASN_DB', config.asnDatabase] : ['SIGNPOST_GEO_DB', config.geoDatabase];
  return path === undefined ? undefined : new ConfigError([`${variable}="${path}": ${error.message}`]);
}

function openSource({ redis, zoneFiles, node }: AuthorityProcessConfig, logger: Logger): RecordReader {
  return redis === undefined ? openZoneFiles(zoneFiles!, logger) : openRedis(redis, node);
}

function openRedis(redis: ServerSettings, node: string): RecordReader {
  return openRecordReader({
    url: redis.url,
    name: `signpost-authority-${node}`,
    ...(redis.user === undefined ? {} : { username: redis.user }),
    ...(redis.password === undefined ? {} : { password: redis.password }),
    ...(redis.ca === undefined ? {} : { tls: { ca: redis.ca } }),
  });
}

/** Goes on in the background: an authority without NATS answers all the same. */
async function connect(
  nats: ServerSettings,
  node: string,
  logger: Logger,
  signal: AbortSignal,
): Promise<Messaging> {
  const { url } = nats;
  const isNews = seldom(() => systemClock.monotonic());
  return connectMessaging({
    url,
    name: `signpost-authority ${node}`,
    signal,
    ...(nats.user === undefined ? {} : { user: nats.user }),
    ...(nats.password === undefined ? {} : { pass: nats.password }),
    ...(nats.ca === undefined ? {} : { tls: { ca: nats.ca } }),
    onConnectFailed: (error, attempt) => {
      if (attempt === 1) logger.warn({ err: error, url }, 'NATS is not reached: no heartbeats until it is');
    },
    onError: (error) => {
      if (isNews(String(error))) logger.warn({ err: error }, 'NATS');
    },
  });
}

/** It may never have been reached, which is then no failure. */
async function disposeWhenThere(messaging: Promise<Messaging> | undefined): Promise<void> {
  const connected = await messaging?.catch(() => undefined);
  await connected?.[Symbol.asyncDispose]();
}

if (import.meta.main) await runMain(() => main(process.env));
