/**
 * The way of a health event as a collector sees it: prober, controller and authority over libs/memory, spans sent as
 * OTLP over HTTP, and the trace that arrives with the event. Here because only this package composes the services.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { runAuthority } from '@signpost/authority/run-authority';
import { DEFAULT_ANSWER_SETTINGS } from '@signpost/authority/worker/answer-settings';
import { decodeEvent } from '@signpost/contracts/cloud-event';
import type { StoredMessage } from '@signpost/contracts/messaging';
import { patterns, streams } from '@signpost/contracts/subjects';
import { healthChanged } from '@signpost/contracts/verdict';
import { runController } from '@signpost/controller/run-controller';
import { systemClock } from '@signpost/lifecycle/clock';
import { createMemoryServer } from '@signpost/memory/messaging';
import { createMemoryRecordStore } from '@signpost/memory/record-store';
import { runProber } from '@signpost/prober/run-prober';
import { startTelemetry } from '@signpost/telemetry/telemetry';
import { eventually } from '@signpost/testkit/eventually';
import { startTarget } from '@signpost/testkit/start-target';
import { TEST_UDP } from '@signpost/testkit/udp-layers';

const PATIENCE = { deadlineMs: 30_000 };

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

test('one trace leads from the probe over report and reconcile to the event; publish and follow are seen', async () => {
  await using open = new AsyncDisposableStack();
  const collector = await startCollector(open);
  askForSpans(open, collector.url);
  const telemetry = await startTelemetry({
    service: 'signpost-test',
    version: '0',
    env: { ...process.env, LOG_LEVEL: 'silent' },
  });
  const target = open.use(await startTarget());
  const events = await runAll(open, telemetry, target.port);
  const stateTold = (state: string) =>
    eventually(() => events.find((message) => stateOf(message) === state), Boolean, {
      ...PATIENCE,
      what: `the event that the target is ${state}`,
    });
  await stateTold('up');
  target.behave({ kind: 'answer', status: 503 });
  const down = (await stateTold('down'))!;

  const [, traceId, parent] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/.exec(
    down.headers['traceparent'] ?? '',
  )!;
  const spanOf = (name: string) =>
    eventually(
      () => collector.spans.find((span) => span.name === name && span.traceId === traceId),
      Boolean,
      { ...PATIENCE, what: `${name} in the trace of the event` },
    ) as Promise<Span>;
  const probe = await spanOf('signpost.probe');
  const report = await spanOf('signpost.report');
  const reconcile = await spanOf('signpost.reconcile');
  const publish = await spanOf('signpost.publish');
  assert.ok(!probe.parentSpanId);
  assert.equal(report.parentSpanId, probe.spanId);
  assert.equal(reconcile.parentSpanId, report.spanId);
  assert.equal(publish.parentSpanId, reconcile.spanId);
  assert.equal(parent, reconcile.spanId);
  await eventually(() => collector.spans.some(({ name }) => name === 'signpost.follow'), Boolean, PATIENCE);
});

function stateOf({ data }: StoredMessage): string | undefined {
  const event = decodeEvent(healthChanged, data);
  assert.ok(event.ok);
  return event.value.data.to.state;
}

async function startCollector(open: AsyncDisposableStack): Promise<{ url: string; spans: readonly Span[] }> {
  const spans: Span[] = [];
  const take = (text: string) => {
    const sent = JSON.parse(text) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
    spans.push(...sent.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
  };
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      take(text);
      response.setHeader('content-type', 'application/json');
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans };
}

/** OpenTelemetry reads the environment of the process itself. */
function askForSpans(open: AsyncDisposableStack, endpoint: string): void {
  const variables = {
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: '100',
  };
  Object.assign(process.env, variables);
  open.defer(() => {
    for (const name of Object.keys(variables)) delete process.env[name];
  });
}

/** Runs the services until `open` is disposed of; gives the health events as they come. */
async function runAll(
  open: AsyncDisposableStack,
  telemetry: Awaited<ReturnType<typeof startTelemetry>>,
  port: number,
): Promise<readonly StoredMessage[]> {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-trace-'));
  open.defer(() => rm(directory, { recursive: true }));
  const configFile = join(directory, 'signpost.yaml');
  await writeFile(configFile, configuration(port));
  open.use(telemetry);
  const server = createMemoryServer();
  const store = createMemoryRecordStore();
  const connect = () => open.use(server.connect());
  const stop = new AbortController();
  const { signal } = stop;
  const stream = await connect().stream(streams.events, { create: true, signal });
  const events: StoredMessage[] = [];
  await stream.follow({
    pattern: patterns.healthChanges,
    from: 'new',
    listener: (message) => void events.push(message),
  });
  const anyPort = { kind: 'port', host: '127.0.0.1', family: 4, port: 0 } as const;
  const shared = { clock: systemClock, telemetry, signal };
  const running = Promise.all([
    runController({
      ...shared,
      messaging: connect(),
      writer: store.writer,
      config: { configFile, api: { listen: anyPort, token: undefined } },
      version: '0',
    }),
    runProber({
      ...shared,
      ...telemetry,
      messaging: connect(),
      vantage: 'local',
      prober: 'p1',
      limits: { total: 10, perHost: 10 },
      version: '0',
    }),
    runAuthority({
      ...shared,
      reader: store.reader(),
      config: {
        node: 'a1',
        endpoints: [anyPort],
        tls: undefined,
        udp: TEST_UDP,
        proxyFrom: [],
        workers: 1,
        geoDatabase: undefined,
        asnDatabase: undefined,
        lameduckMs: 0,
        answering: DEFAULT_ANSWER_SETTINGS,
      },
    }),
  ]);
  open.defer(async () => {
    stop.abort();
    await running;
  });
  return events;
}

function configuration(port: number): string {
  return `apiVersion: signpost/v1
vantages: { local: {} }
monitors:
  site:
    type: http
    url: { scheme: http, host: go.example.net, path: / }
    expect: { status: [200] }
    interval: 1s
    timeout: 500ms
    rise: 1
    fall: 1
targets:
  one: { a: 192.0.2.10, check: { address: 127.0.0.1, port: ${port} } }
  two: { a: 192.0.2.11 }
pools:
  one: { monitor: site, members: [{ target: one }] }
  two: { members: [{ target: two }] }
policies:
  first: { rules: [{ try: [one, two] }] }
zones:
  example.net:
    soa: { primary: ns1.example.net., contact: dns.example.net., negative_ttl: 30 }
    ns: [ns1.example.org.]
    records: { go: { steer: first } }
`;
}
