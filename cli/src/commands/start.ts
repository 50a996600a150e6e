/**
 * `signpost start`: prober, controller and authority in this process over libs/memory, and the demo targets when the
 * configuration is the example. The same services as in a cluster; only the adapters differ. Prints what runs and
 * what to try, then one line per health or record event.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { AuthorityConfig } from '@signpost/authority/config';
import { readAuthorityConfig } from '@signpost/authority/config';
import { runAuthority } from '@signpost/authority/run-authority';
import { ConfigError } from '@signpost/config/config-error';
import { formatListenAddress, type ListenAddress } from '@signpost/config/listen-address';
import { readEnvironment, type Environment } from '@signpost/config/read-env';
import type { Configuration } from '@signpost/contracts/configuration';
import type { Messaging } from '@signpost/contracts/messaging';
import { buckets, patterns, streams } from '@signpost/contracts/subjects';
import { VERSION } from '@signpost/contracts/version';
import { readControllerProcessConfig, type ControllerConfig } from '@signpost/controller/config';
import { followFinder } from '@signpost/controller/explain/follow-finder';
import { runController } from '@signpost/controller/run-controller';
import { startAdminServer } from '@signpost/lifecycle/admin-server';
import { allUntil } from '@signpost/lifecycle/all-until';
import { systemClock } from '@signpost/lifecycle/clock';
import { stopSignal } from '@signpost/lifecycle/stop-signal';
import { createMemoryServer } from '@signpost/memory/messaging';
import { createMemoryRecordStore } from '@signpost/memory/record-store';
import { runProber } from '@signpost/prober/run-prober';
import { startTelemetry } from '@signpost/telemetry/telemetry';

import { startShortener } from '../demo/shortener.ts';
import { drawEvent } from '../draw/event-line.ts';
import { drawLog } from '../draw/log-line.ts';
import { paint, printLine, printProblem } from '../draw/print.ts';
import { embeddedVantage, vantageLeft } from '../embedded-vantage.ts';
import { readChecked } from './check.ts';

const GRACE_MS = 10_000;
const PROBE_LIMITS = { total: 256, perHost: 50 };

export async function start(env: Environment): Promise<void> {
  const config = readStartConfig(env);
  const { configFile } = config.controller;
  const checked = readChecked(configFile); // as `signpost check` tells it, before anything is opened
  if (checked === undefined) return;
  const embedded = embeddedVantage(Object.keys(checked.configuration.vantages));
  if (!embedded.ok) throw new ConfigError([`${configFile}: ${embedded.mistake}`]);
  const { vantage } = embedded;
  await using open = new AsyncDisposableStack();
  const telemetry = open.use(
    await startTelemetry({
      service: 'signpost',
      version: VERSION,
      env,
      logTo: (line) => printProblem(drawLog(line)),
      defaultLevel: 'warn',
    }),
  );
  const { signal } = open.use(stopSignal({ graceMs: GRACE_MS + config.authority.lameduckMs }));
  if (config.isExample) await startDemoTargets(open);

  const server = createMemoryServer();
  const store = createMemoryRecordStore();
  const connect = (): Messaging => open.use(server.connect());
  await printEvents(connect(), signal);

  const readiness = new Map<string, readonly string[]>([
    ['controller', ['controller: health is not known yet']],
    ['prober', ['prober: no assignments yet']],
    ['authority', ['authority: no snapshot yet']],
  ]);
  const setReady = (service: string, reasons: readonly string[]): void =>
    void readiness.set(
      service,
      reasons.map((reason) => `${service}: ${reason}`),
    );
  open.use(
    await startAdminServer({
      listen: config.admin,
      metrics: () => telemetry.metricsText(),
      ready() {
        const reasons = [...readiness.values()].flat();
        return { ready: reasons.length === 0, reasons };
      },
    }),
  );
  const { geoDatabase, asnDatabase } = config.authority;
  const finder = open.use(
    await followFinder({
      geoDatabase,
      asnDatabase,
      onError: (error) => telemetry.logger.error({ reason: error.message }, `${error.kind} database refused`),
    }),
  );

  // The authority answers on for its lameduck time, so the others outlast it only by their own clean stop.
  // One that fails, on an address that is taken, ends the others.
  const shared = { clock: systemClock, telemetry };
  await allUntil(signal, [
    (stop) =>
      runController({
        ...shared,
        signal: stop,
        messaging: connect(),
        writer: store.writer,
        config: config.controller,
        version: VERSION,
        finder,
        onConfiguration: ({ vantages }) => {
          const left = vantageLeft(vantage, Object.keys(vantages));
          if (left !== undefined) telemetry.logger.warn(left);
        },
        onReady: (ready) => setReady('controller', ready ? [] : ['health is not known yet']),
      }),
    (stop) =>
      runProber({
        clock: systemClock,
        metrics: telemetry.metrics,
        tracer: telemetry.tracer,
        logger: telemetry.logger,
        signal: stop,
        messaging: connect(),
        vantage,
        prober: 'embedded',
        limits: PROBE_LIMITS,
        version: VERSION,
        onReady: () => setReady('prober', []),
      }),
    (stop) =>
      runAuthority({
        ...shared,
        signal: stop,
        reader: store.reader(),
        messaging: connect(),
        config: config.authority,
        onListening: (endpoints) => printWelcome(config, checked.configuration, endpoints),
        onReadiness: ({ reasons }) => setReady('authority', reasons),
      }),
  ]);
}

interface StartConfig {
  readonly authority: AuthorityConfig;
  readonly controller: ControllerConfig & { readonly configFile: string };
  /** The secret was made here, and is another one after a restart. */
  readonly isSecretOurs: boolean;
  readonly admin: ListenAddress;
  readonly isExample: boolean;
}

function readStartConfig(env: Environment): StartConfig {
  const example = fileURLToPath(new URL('../../../signpost.example.yaml', import.meta.url));
  const controller = readControllerProcessConfig(env);
  const reader = readEnvironment(env, (path) => readFileSync(path, 'utf8'));
  const admin = reader.listen('SIGNPOST_ADMIN_LISTEN', '127.0.0.1:9153');
  const configFile = controller.configFile ?? example;
  const given = controller.affinitySecrets ?? [];
  const isSecretOurs = given.length === 0;
  return reader.finish({
    authority: readAuthorityConfig({ SIGNPOST_WORKERS: '1', SIGNPOST_LAMEDUCK: '0s', ...env }),
    controller: {
      configFile,
      api: controller.api,
      beacon: controller.beacon,
      resolvers: controller.resolvers ?? [],
      affinitySecrets: isSecretOurs ? [randomBytes(32).toString('hex')] : given,
    },
    isSecretOurs,
    admin,
    isExample: configFile === example,
  });
}

function usesAffinityNames({ zones }: Configuration): boolean {
  const records = Object.values(zones).flatMap((zone) => Object.values(zone.records).flat());
  return records.some((record) => 'steer' in record && record.affinity_names === true);
}

const DEMO_TARGETS = [
  { name: 'eu', port: 18_081 },
  { name: 'us', port: 18_082 },
  { name: 'ap', port: 18_083 },
] as const;

async function startDemoTargets(open: AsyncDisposableStack): Promise<void> {
  for (const target of DEMO_TARGETS) open.use(await startShortener({ host: '127.0.0.1', ...target }));
}

/** Everything a subscriber would see, one line each, from the first verdicts on. */
async function printEvents(messaging: Messaging, signal: AbortSignal): Promise<void> {
  // Whoever comes first makes the stream; the controller brings it to the same declaration.
  const events = await messaging.stream(streams.events, { create: true, signal });
  await messaging.bucket(buckets.probes, { create: true, signal });
  const decoder = new TextDecoder();
  const { healthChanges, recordsChanges, overrideChanges, configChanges } = patterns;
  for (const pattern of [healthChanges, recordsChanges, overrideChanges, configChanges]) {
    await events.follow({
      pattern,
      from: 'new',
      listener: ({ data }) => printLine(drawEvent(decoder.decode(data))),
    });
  }
}

function printWelcome(
  config: StartConfig,
  configuration: Configuration,
  endpoints: readonly ListenAddress[],
): void {
  const dns = endpoints[0];
  const api = formatListenAddress(config.controller.api.listen);
  printLine(paint('bold', 'Signpost runs: prober, controller and authority in this process'));
  printLine(`  DNS      ${endpoints.map(formatListenAddress).join(', ')} (UDP and TCP)`);
  printLine(`  API      http://${api}/api/v1/status, http://${api}/openapi.json`);
  printLine(`  metrics  http://${formatListenAddress(config.admin)}/metrics, beside it /livez and /readyz`);
  printLine(`  config   ${config.controller.configFile}, applied again whenever it changes`);
  if (config.isSecretOurs && usesAffinityNames(configuration)) {
    printLine(
      '  note     affinity names hold until this process ends; set SIGNPOST_AFFINITY_SECRET to keep them',
    );
  }
  if (config.isExample && dns?.kind === 'port')
    for (const line of tryThis(dns.host, dns.port)) printLine(line);
  printLine('');
}

function tryThis(host: string, port: number): string[] {
  const dig = (subnet: string): string => `  dig @${host} -p ${port} go.example.net A +subnet=${subnet}`;
  const ports = DEMO_TARGETS.map((target) => target.port);
  return [
    `  targets  demo URL shorteners on 127.0.0.1:${ports[0]} (eu), ${ports[1]} (us), ${ports[2]} (ap)`,
    paint('bold', 'Try in another terminal'),
    `${dig('81.2.69.0/24')}     # Europe`,
    `${dig('8.8.8.0/24')}       # America`,
    `${dig('133.11.0.0/16')}    # Asia`,
    `  curl -X POST http://127.0.0.1:${ports[0]}/fail        # Europe dies; /recover brings it back`,
    '  npx signpost query go.example.net A --subnet 81.2.69.0/24',
    '  npx signpost explain go.example.net --client 81.2.69.0/24',
    '  npx signpost status',
  ];
}
