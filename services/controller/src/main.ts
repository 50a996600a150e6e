/**
 * Controller: turns health and configuration into published record sets.
 *
 * Read top to bottom for what runs: settings, telemetry, connections, loop, shutdown. Nothing is decided here:
 * decisions are pure functions in ./fleet, ./verdict and ./compile.
 */
import { formatListenAddress } from '@signpost/config/listen-address';
import type { Environment } from '@signpost/config/read-env';
import { VERSION } from '@signpost/contracts/version';
import { startAdminServer } from '@signpost/lifecycle/admin-server';
import { systemClock } from '@signpost/lifecycle/clock';
import { onHangup } from '@signpost/lifecycle/hangup';
import { runMain } from '@signpost/lifecycle/run-main';
import { stopSignal } from '@signpost/lifecycle/stop-signal';
import { connectMessaging } from '@signpost/nats/messaging';
import { openRecordWriter } from '@signpost/redis/record-writer';
import { seldom } from '@signpost/telemetry/seldom';
import { startTelemetry } from '@signpost/telemetry/telemetry';

import { readControllerProcessConfig } from './config.ts';
import { followFinder } from './explain/follow-finder.ts';
import { runController } from './run-controller.ts';

const GRACE_MS = 10_000;

export async function main(env: Environment): Promise<void> {
  const config = readControllerProcessConfig(env); // throws before anything is opened

  // Closed in reverse order of opening, also when a later step throws.
  await using open = new AsyncDisposableStack();
  const telemetry = open.use(await startTelemetry({ service: 'signpost-controller', version: VERSION, env }));
  const { logger } = telemetry;
  const { signal } = open.use(stopSignal({ graceMs: GRACE_MS }));
  // A reload by habit would end the process.
  open.use(onHangup(() => logger.info({}, 'SIGHUP: nothing to do, files are looked at by themselves')));
  let ready = false;
  const readiness = () => ({
    ready,
    reasons: ready ? [] : ['health is not known yet, or NATS is not reached'],
  });
  const admin = open.use(
    await startAdminServer({
      listen: config.adminListen,
      ready: readiness,
      metrics: () => telemetry.metricsText(),
    }),
  );
  open.use(
    telemetry.metrics.gaugeFrom('signpost_ready', () => [
      { labels: { service: 'controller' }, value: Number(ready) },
    ]),
  );

  const finder = open.use(
    await followFinder({
      ...config,
      onError: (error) =>
        logger.error({ reason: error.message }, `${error.kind} database refused, the last good one stays`),
    }),
  );
  const writer = open.use(
    openRecordWriter({
      url: config.redis.url,
      name: 'signpost-controller',
      ...(config.redis.user === undefined ? {} : { username: config.redis.user }),
      ...(config.redis.password === undefined ? {} : { password: config.redis.password }),
      ...(config.redis.ca === undefined ? {} : { tls: { ca: config.redis.ca } }),
    }),
  );
  const isNews = seldom(() => systemClock.monotonic());
  const messaging = await connectMessaging({
    url: config.nats.url,
    name: 'signpost-controller',
    signal,
    ...(config.nats.user === undefined ? {} : { user: config.nats.user }),
    ...(config.nats.password === undefined ? {} : { pass: config.nats.password }),
    ...(config.nats.ca === undefined ? {} : { tls: { ca: config.nats.ca } }),
    onConnectFailed: (error, attempt) => {
      if (isNews(String(error))) logger.warn({ reason: String(error), attempt }, 'NATS is not reached yet');
    },
    onError: (error) => {
      if (isNews(String(error))) logger.warn({ reason: String(error) }, 'NATS');
    },
  }).catch((error: unknown) => {
    if (signal.aborted) return undefined; // stopped while waiting for NATS
    throw error;
  });
  if (messaging === undefined) return;
  open.use(messaging);

  await runController({
    messaging,
    writer,
    config,
    clock: systemClock,
    telemetry,
    signal,
    version: VERSION,
    finder,
    storeConnected: () => writer.connected(),
    onApi: (api) =>
      logger.info(
        { api: formatListenAddress(api), admin: formatListenAddress(admin.address) },
        'controller listens',
      ),
    onBeacon: (beacon) => logger.info({ beacon: formatListenAddress(beacon) }, 'beacon endpoint listens'),
    onReady: (now) => {
      ready = now;
    },
  });
  logger.info({ reason: String(signal.reason) }, 'stopped');
}

if (import.meta.main) await runMain(() => main(process.env));
