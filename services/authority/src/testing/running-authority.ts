/** For tests only: an authority over a store in this process, which ends with the test. */
import type { TestContext } from 'node:test';

import { systemClock } from '@signpost/lifecycle/clock';
import type { Readiness } from '@signpost/lifecycle/admin-server';
import { createMemoryRecordStore, type MemoryRecordStore } from '@signpost/memory/record-store';
import { startTelemetry } from '@signpost/telemetry/telemetry';
import { ask, type DnsAnswer } from '@signpost/testkit/dns-client';
import { TEST_UDP } from '@signpost/testkit/udp-layers';

import type { DnsEndpoint } from '../listen/endpoint.ts';
import { type AuthorityOptions, runAuthority } from '../run-authority.ts';
import { DEFAULT_ANSWER_SETTINGS } from '../worker/answer-settings.ts';
import { publish } from './memory-sink.ts';
import { type Question, shown, zoneOf } from './sample-zone.ts';

export const LOOPBACK: DnsEndpoint = { kind: 'port', host: '127.0.0.1', family: 4, port: 0 };
export const APEX = 'example.net';

const many = Array.from({ length: 200 }, (_, i) => `many A 192.0.2.${i}`).join('\n');
/** The zone, which is told by the last octet of `www`. */
export const www = (octet: number) => zoneOf(APEX, `www A 192.0.2.${octet}\n${many}`);

export interface RunningAuthority {
  readonly store: MemoryRecordStore;
  readonly ended: Promise<void>;
  readonly endpoints: readonly DnsEndpoint[];
  readonly tls: readonly DnsEndpoint[];
  readonly readiness: () => Readiness;
  readonly metrics: () => Promise<string>;
  readonly stop: () => void;
  readonly ask: (question: Question, endpoint?: number) => Promise<DnsAnswer>;
  /** The first answer for `www`, or the response code. */
  readonly www: () => Promise<string>;
}

export type AuthoritySettings = Partial<AuthorityOptions['config']> &
  Partial<Pick<AuthorityOptions, 'messaging' | 'geoPollMs' | 'certificatePollMs'>>;

/** Runs until the test ends, with something to serve unless the store is given. */
export async function startAuthority(
  t: TestContext,
  settings: AuthoritySettings = {},
  given?: MemoryRecordStore,
): Promise<RunningAuthority> {
  const store = given ?? createMemoryRecordStore();
  if (given === undefined) await publish(store.writer, [www(1)]);
  const stop = new AbortController();
  const reader = store.reader();
  const telemetry = await startTelemetry({ service: 'test', version: '0', env: { LOG_LEVEL: 'silent' } });
  const listening = Promise.withResolvers<Record<'endpoints' | 'tls', readonly DnsEndpoint[]>>();
  let readiness: Readiness = { ready: false, reasons: [] };
  const { messaging, geoPollMs, certificatePollMs, ...config } = settings;
  const ended = runAuthority({
    config: {
      node: 'test',
      endpoints: [LOOPBACK],
      tls: undefined,
      udp: TEST_UDP,
      proxyFrom: [],
      workers: 2,
      geoDatabase: undefined,
      asnDatabase: undefined,
      lameduckMs: 0,
      answering: DEFAULT_ANSWER_SETTINGS,
      ...config,
    },
    reader,
    ...(messaging === undefined ? {} : { messaging }),
    ...(geoPollMs === undefined ? {} : { geoPollMs }),
    ...(certificatePollMs === undefined ? {} : { certificatePollMs }),
    clock: systemClock,
    telemetry,
    signal: stop.signal,
    onListening: (endpoints, tls) => listening.resolve({ endpoints, tls }),
    onReadiness: (now) => (readiness = now),
  });
  ended.catch(listening.reject);
  t.after(async () => {
    stop.abort();
    await ended.catch(() => undefined);
    await reader[Symbol.asyncDispose]();
    await telemetry[Symbol.asyncDispose]();
  });
  const { endpoints, tls } = await listening.promise;
  const askAt = (question: Question, endpoint = 0) => {
    const { host, port } = endpoints[endpoint]!;
    return ask({ server: host, port, ...question });
  };
  return {
    store,
    ended,
    endpoints,
    tls,
    readiness: () => readiness,
    metrics: () => telemetry.metricsText(),
    stop: () => stop.abort(),
    ask: askAt,
    www: async () => {
      const { answers, rcode } = await askAt({ name: `www.${APEX}`, type: 'A' });
      return shown(answers)[0] ?? rcode;
    },
  };
}
