/**
 * A world for scenario tests: NATS and the record store within the process, a clock that the test moves, probers
 * that report what the test says, and any number of controllers that run for real.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseListenAddress, type ListenAddress } from '@signpost/config/listen-address';
import { decodeEvent, type EventKind } from '@signpost/contracts/cloud-event';
import { guardHeld } from '@signpost/contracts/guard';
import { overrideChanged, type OverrideChanged } from '@signpost/contracts/override';
import { configChanged, recordsChanged, type RecordsChanged } from '@signpost/contracts/publication';
import type { Headers } from '@signpost/contracts/messaging';
import type { RecordWriter } from '@signpost/contracts/record-store';
import { statusSchema, type Status } from '@signpost/contracts/status';
import { vantageChanged, type VantageChanged } from '@signpost/contracts/vantage-standing';
import { healthChanged, type HealthChanged } from '@signpost/contracts/verdict';
import { createMemoryServer, type MemoryMessaging } from '@signpost/memory/messaging';
import { createMemoryRecordStore } from '@signpost/memory/record-store';
import { silentLogger } from '@signpost/telemetry/logger';
import { startTelemetry } from '@signpost/telemetry/telemetry';
import { eventually } from '@signpost/testkit/eventually';
import { fakeClock } from '@signpost/testkit/fake-clock';
import type * as z from 'zod';

import type { ControllerConfig } from '../config.ts';
import type { ControllerTelemetry } from '../observe-controller.ts';
import { runController } from '../run-controller.ts';
import { ReportingProber } from './reporting-prober.ts';

export interface ControllerHandle {
  readonly url: string;
  readonly messaging: MemoryMessaging;
  readonly log: readonly { readonly level: string; readonly message: string; readonly fields: object }[];
  status(): Promise<Status>;
  metrics(): Promise<string>;
  ready(): boolean;
  /** An orderly stop. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly yaml?: string;
  readonly token?: string;
  readonly writer?: RecordWriter;
  readonly settings?: Partial<Pick<ControllerConfig, 'resolvers' | 'affinitySecrets'>>;
}

export async function startWorld() {
  const clock = fakeClock();
  const server = createMemoryServer({ now: () => clock.now() });
  const store = createMemoryRecordStore();
  const directory = await mkdtemp(join(tmpdir(), 'signpost-controller-'));
  const client = server.connect();
  const probers = new Map<string, ReportingProber>();
  const events: { type: string; id: string; data: unknown; headers: Headers }[] = [];
  const open = new AsyncDisposableStack();
  open.defer(() => rm(directory, { recursive: true }));
  open.use(client);
  client.core.subscribe('signpost.>', ({ subject, data, headers }) => {
    const kind = [
      healthChanged,
      recordsChanged,
      overrideChanged,
      configChanged,
      vantageChanged,
      guardHeld,
    ].find((each: EventKind<z.ZodType>) => decodeEvent(each, data).ok);
    if (kind === undefined || subject.startsWith('signpost.health.report')) return;
    const decoded = decodeEvent<z.ZodType>(kind, data);
    if (decoded.ok) events.push({ type: kind.type, id: decoded.value.id, data: decoded.value.data, headers });
  });

  const beat = () => {
    for (const prober of probers.values()) prober.beat();
  };
  /** Moves time in small steps, with heartbeats, until the condition holds. */
  const until = <T>(
    look: () => T | Promise<T>,
    passes: (value: T) => unknown = Boolean,
    what = 'the condition',
  ) =>
    eventually(
      async () => {
        beat();
        await clock.advance(100);
        return look();
      },
      passes,
      { what, pauseMs: 1 },
    );
  return {
    clock,
    server,
    store,
    client,
    events,
    until,
    /** Moves time, with a heartbeat each second. */
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 500) {
        beat();
        await clock.advance(Math.min(left, 500));
      }
    },
    file: (name: string) => join(directory, name),
    prober: (vantage: string) => {
      const prober = new ReportingProber(client, vantage, clock.now());
      probers.set(vantage, prober);
      return prober;
    },
    silence: (vantage: string) => void probers.delete(vantage),
    async start(options: StartOptions = {}): Promise<ControllerHandle> {
      const file = options.yaml === undefined ? undefined : join(directory, 'signpost.yaml');
      if (file !== undefined) await writeFile(file, options.yaml!);
      return open.use(await startController({ clock, server, store, file, ...options }));
    },
    healthEvents: () => ofType<HealthChanged>(events, healthChanged.type),
    overrideEvents: () => ofType<OverrideChanged>(events, overrideChanged.type),
    vantageEvents: () => ofType<VantageChanged>(events, vantageChanged.type),
    recordEvents: () => ofType<RecordsChanged>(events, recordsChanged.type),
    async answers(owner: string, type = 'A'): Promise<string> {
      const { zones } = await store.writer.readAll();
      return JSON.stringify(zones.get('example.net')?.recordSets.get(`${owner}|${type}`)) ?? '';
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

export type World = Awaited<ReturnType<typeof startWorld>>;

function ofType<Data>(events: readonly { type: string; id: string; data: unknown }[], type: string): Data[] {
  return events.filter((event) => event.type === type).map(({ data }) => data as Data);
}

async function startController({
  clock,
  server,
  store,
  file,
  token,
  writer,
  settings,
}: Pick<World, 'clock' | 'server' | 'store'> & StartOptions & { file: string | undefined }): Promise<
  ControllerHandle & AsyncDisposable
> {
  const stop = new AbortController();
  const messaging = server.connect();
  const log: { level: string; message: string; fields: object }[] = [];
  const telemetry = await startTelemetry({ service: 'test', version: '0', env: { LOG_LEVEL: 'silent' } });
  const told: ControllerTelemetry = { ...telemetry, logger: recordingLogger(log) };
  let ready = false;
  const api = Promise.withResolvers<ListenAddress>();
  const running = runController({
    messaging,
    writer: writer ?? store.writer,
    config: { configFile: file, api: { listen: parseListenAddress('127.0.0.1:0')!, token }, ...settings },
    clock,
    telemetry: told,
    signal: stop.signal,
    version: '0',
    draw: () => 0.5,
    onApi: api.resolve,
    onReady: (now) => {
      ready = now;
    },
  });
  running.catch(api.reject);
  const listen = await api.promise;
  const url = listen.kind === 'port' ? `http://${listen.host}:${listen.port}` : '';
  const end = async () => {
    if (stop.signal.aborted) return;
    stop.abort(new Error('stopped by the test'));
    await running;
    await messaging[Symbol.asyncDispose]();
    await telemetry[Symbol.asyncDispose]();
  };
  return {
    url,
    messaging,
    log,
    status: async () => statusSchema.parse(await (await fetch(`${url}/api/v1/status`)).json()),
    metrics: () => telemetry.metricsText(),
    ready: () => ready,
    stop: end,
    [Symbol.asyncDispose]: end,
  };
}

function recordingLogger(
  log: { level: string; message: string; fields: object }[],
): ControllerTelemetry['logger'] {
  const record = (level: string) => (fields: object, message: string) =>
    void log.push({ level, message, fields });
  return Object.assign(Object.create(silentLogger) as typeof silentLogger, {
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
  });
}
