/**
 * Logs, metrics and traces of one process. `/metrics` always works; OpenTelemetry's exporters run only where its own
 * `OTEL_*` variables ask for them, so nothing is sent, nor tried, by default. Three services in one process share one.
 */
import { metrics as globalMetrics, trace, type Tracer } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

import { createLogger, logLevelOf, type Logger, type LogTarget } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';

export interface Telemetry extends AsyncDisposable {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  /** Prometheus text exposition format. */
  metricsText(): Promise<string>;
}

export interface TelemetryOptions {
  /** `signpost-authority`, ...: the service's name unless `OTEL_SERVICE_NAME` says otherwise. */
  readonly service: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stdout by default. */
  readonly logTo?: LogTarget;
  /** When LOG_LEVEL says nothing. */
  readonly defaultLevel?: string;
}

/** Flushing must not hold up a stop. */
const FLUSH_LIMIT_MS = 2_000;

/** Rejects with `ConfigError` when `LOG_LEVEL` is none. */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { service, version, env } = options;
  const level = logLevelOf(env, options.defaultLevel); // an operator's mistake, before anything is opened
  const sdk = await startConfiguredSdk(options);
  const { metrics, producer, manySeriesText } = createMetrics(() => [
    provider.getMeter('signpost', version),
    globalMetrics.getMeter('signpost', version),
  ]);
  const exporter = new PrometheusExporter({ preventServerStart: true, metricProducers: [producer] });
  const resource = defaultResource().merge(
    resourceFromAttributes({ 'service.name': service, 'service.version': version }),
  );
  const provider = new MeterProvider({ resource, readers: [exporter] });
  const serializer = new PrometheusSerializer(undefined, false, undefined, false, true);
  metrics.gaugeFrom('signpost_build_info', () => [{ labels: { version, service }, value: 1 }]);
  return {
    logger: createLogger({ service, level, to: options.logTo ?? 1 }),
    metrics,
    tracer: trace.getTracer('signpost', version),
    metricsText: async () =>
      serializer.serialize((await exporter.collect()).resourceMetrics) + (await manySeriesText()),
    async [Symbol.asyncDispose]() {
      await Promise.race([Promise.allSettled([sdk?.shutdown(), provider.shutdown()]), limit(FLUSH_LIMIT_MS)]);
    },
  };
}

/** sdk-node costs a third of a second to load, so only who asks for it pays. */
async function startConfiguredSdk({
  service,
  version,
  env,
}: TelemetryOptions): Promise<{ shutdown(): Promise<void> } | undefined> {
  const asked = (signal: 'TRACES' | 'METRICS' | 'LOGS'): boolean => asksFor(signal, env);
  const byFile = env['OTEL_CONFIG_FILE'] !== undefined;
  if (!byFile && !asked('TRACES') && !asked('METRICS') && !asked('LOGS')) return undefined;
  const { startNodeSdk } = await import('@opentelemetry/sdk-node');
  return startNodeSdk({
    resourceAttributes: { 'service.name': env['OTEL_SERVICE_NAME'] ?? service, 'service.version': version },
    ...(asked('TRACES') ? {} : { spanProcessors: [] }),
    ...(asked('METRICS') ? {} : { metricReaders: [] }),
    ...(asked('LOGS') ? {} : { logRecordProcessors: [] }),
  });
}

/**
 * Whether the environment wants this signal sent. `prometheus` alone asks for nothing: it is what /metrics is, and the
 * SDK's own would open a second port on all addresses.
 */
function asksFor(signal: string, env: TelemetryOptions['env']): boolean {
  const exporters = env[`OTEL_${signal}_EXPORTER`] ?? '';
  if (exporters !== '')
    return exporters.split(',').some((name) => !['none', 'prometheus'].includes(name.trim()));
  return Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]);
}

async function limit(ms: number): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
}
