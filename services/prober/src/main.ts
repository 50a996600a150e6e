/**
 * Prober: checks targets and reports on NATS what it sees.
 *
 * Read top to bottom for what runs: config, telemetry, connections, the service, shutdown. Nothing is decided here.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

import type { Messaging } from '@signpost/contracts/messaging';
import { readEnvironment, type Environment } from '@signpost/config/read-env';
import { formatListenAddress } from '@signpost/config/listen-address';
import { VERSION } from '@signpost/contracts/version';
import { startAdminServer, type Readiness } from '@signpost/lifecycle/admin-server';
import { systemClock } from '@signpost/lifecycle/clock';
import { onHangup } from '@signpost/lifecycle/hangup';
import { runMain } from '@signpost/lifecycle/run-main';
import { stopSignal } from '@signpost/lifecycle/stop-signal';
import { connectMessaging } from '@signpost/nats/messaging';
import type { Logger } from '@signpost/telemetry/logger';
import { seldom } from '@signpost/telemetry/seldom';
import { startTelemetry } from '@signpost/telemetry/telemetry';

import { readProberConfig, type ProberConfig } from './config.ts';
import { runProber } from './run-prober.ts';

const SHUTDOWN_GRACE_MS = 5_000;

/** Resolves after a clean stop; rejects with `ConfigError` before anything was opened. */
export async function main(env: Environment): Promise<void> {
  const config = readProberConfig(
    readEnvironment(env, (path) => readFileSync(path, 'utf8')),
    hostname(),
  );

  // Closed in reverse order of opening, also when a later step throws.
  await using open = new AsyncDisposableStack();
  const telemetry = open.use(await startTelemetry({ service: 'signpost-prober', version: VERSION, env }));
  const { logger, metrics, tracer } = telemetry;
  const { signal } = open.use(stopSignal({ graceMs: SHUTDOWN_GRACE_MS }));
  // A reload by habit would end the process.
  open.use(onHangup(() => logger.info({}, 'SIGHUP: nothing to do, assignments come by themselves')));

  let readiness: Readiness = { ready: false, reasons: ['NATS was not reached yet'] };
  const service = 'prober';
  metrics.gaugeFrom('signpost_ready', () => [{ labels: { service }, value: readiness.ready ? 1 : 0 }]);
  const admin = open.use(
    await startAdminServer({
      listen: config.admin,
      ready: () => readiness,
      metrics: () => telemetry.metricsText(),
    }),
  );
  logger.info({ admin: formatListenAddress(admin.address) }, 'prober started');

  const messaging = await untilStopped(signal, connect(config, logger, signal));
  if (messaging === undefined) return;
  open.use(messaging);
  metrics.gaugeFrom('signpost_messaging_connected', () => [
    { labels: { service }, value: messaging.connected() ? 1 : 0 },
  ]);
  readiness = { ready: false, reasons: ['assignments were not read yet'] };
  await runProber({
    messaging,
    vantage: config.vantage,
    prober: config.prober,
    clock: systemClock,
    metrics,
    tracer,
    logger,
    signal,
    limits: config.limits,
    version: VERSION,
    onReady: () => {
      readiness = { ready: true, reasons: [] };
      logger.info({ vantage: config.vantage, prober: config.prober }, 'prober ready');
    },
  });
  readiness = { ready: false, reasons: ['stopping'] };
  logger.info({}, 'prober stopped');
}

async function connect(
  { nats, prober }: ProberConfig,
  logger: Logger,
  signal: AbortSignal,
): Promise<Messaging> {
  const isNews = seldom(() => systemClock.monotonic());
  const messaging = await connectMessaging({
    url: nats.url,
    name: `signpost-prober ${prober}`,
    signal,
    ...(nats.user === undefined ? {} : { user: nats.user }),
    ...(nats.password === undefined ? {} : { pass: nats.password }),
    ...(nats.ca === undefined ? {} : { tls: { ca: nats.ca } }),
    onConnectFailed: (error, attempt) => {
      if (attempt === 1) logger.warn({ err: error, url: nats.url }, 'NATS is not reached, trying on');
    },
    onError: (error) => {
      if (isNews(String(error))) logger.warn({ err: error }, 'NATS');
    },
  });
  messaging.onConnected((connected) =>
    logger.warn({ url: nats.url }, connected ? 'NATS is reached again' : 'NATS is lost'),
  );
  return messaging;
}

/** Undefined when the wait ended because we were asked to stop. */
async function untilStopped<Value>(signal: AbortSignal, value: Promise<Value>): Promise<Value | undefined> {
  try {
    return await value;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

if (import.meta.main) await runMain(() => main(process.env));
