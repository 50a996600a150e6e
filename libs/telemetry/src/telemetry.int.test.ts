import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { startGuardedProcess } from '@signpost/testkit/guarded-process';

import { startTelemetry } from './telemetry.ts';

const quiet = { service: 'signpost-test', version: '1.2.3', env: { LOG_LEVEL: 'silent' } };

test('metrics are shown as Prometheus reads them, without scope labels', async () => {
  await using telemetry = await startTelemetry(quiet);
  telemetry.metrics.add('signpost_reports_total', { outcome: 'applied' }, 2);
  telemetry.metrics.gaugeFrom('signpost_leader', () => [{ labels: {}, value: 1 }]);
  telemetry.metrics.record('signpost_reconcile_duration_seconds', {}, 0.02);
  const lines = (await telemetry.metricsText()).split('\n');
  for (const line of [
    '# TYPE signpost_reports_total counter',
    'signpost_reports_total{outcome="applied"} 2',
    '# TYPE signpost_leader gauge',
    'signpost_leader 1',
    'signpost_build_info{version="1.2.3",service="signpost-test"} 1',
    'signpost_reconcile_duration_seconds_bucket{le="0.025"} 1',
    'signpost_reconcile_duration_seconds_bucket{le="0.01"} 0',
  ]) {
    assert.ok(lines.includes(line), `${line}\n---\n${lines.join('\n')}`);
  }
});

test('counters and histograms kept in typed arrays are read when somebody scrapes', async () => {
  await using telemetry = await startTelemetry(quiet);
  const requests = Float64Array.of(3, 4);
  const sizes = Float64Array.of(1, 0, 2, 0, 0, 0, 0, 0, 1);
  telemetry.metrics.countersFrom('signpost_dns_responses_total', () => [
    { labels: { rcode: 'NOERROR' }, value: requests[0]! },
    { labels: { rcode: 'NXDOMAIN' }, value: requests[1]! },
  ]);
  telemetry.metrics.histogramFrom('signpost_dns_response_size_bytes', () => [
    { labels: { proto: 'udp' }, counts: sizes, sum: 70_300 },
  ]);
  assert.match(await telemetry.metricsText(), /signpost_dns_responses_total\{rcode="NOERROR"\} 3\n/);
  requests[0]! += 1;
  const text = await telemetry.metricsText();
  assert.match(text, /signpost_dns_responses_total\{rcode="NOERROR"\} 4\n/);
  assert.match(text, /# TYPE signpost_dns_response_size_bytes histogram\n/);
  assert.match(text, /signpost_dns_response_size_bytes_bucket\{proto="udp",le="256"\} 3\n/);
  assert.match(text, /signpost_dns_response_size_bytes_bucket\{proto="udp",le="\+Inf"\} 4\n/);
  assert.match(text, /signpost_dns_response_size_bytes_sum\{proto="udp"\} 70300\n/);
});

test('OTEL variables send spans and metrics to a collector; without them nothing is sent', async () => {
  const paths = new Set<string>();
  const collector = createServer((request, response) => {
    paths.add(request.url ?? '');
    request.resume().on('end', () => response.end());
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const run = async (env: Record<string, string>): Promise<void> => {
    const script = `
      import { startTelemetry } from '${new URL('telemetry.ts', import.meta.url).href}';
      import { withTraceContext } from '${new URL('trace-context.ts', import.meta.url).href}';
      await using telemetry = await startTelemetry({ service: 's', version: '1', env: process.env });
      telemetry.metrics.add('signpost_reports_total', { outcome: 'applied' });
      telemetry.tracer.startActiveSpan('signpost.probe', (span) => {
        console.error(JSON.stringify(withTraceContext({ a: 'b' })));
        telemetry.logger.info({ password: 'hush' }, 'hello');
        span.end();
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: new URL('.', import.meta.url),
      env: { PATH: process.env['PATH'], ...env },
    });
    let output = '';
    child.stdout.on('data', (octets) => (output += String(octets)));
    child.stderr.on('data', (octets) => (output += String(octets)));
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, /hush/);
    assert.equal(
      /"traceparent":"00-[0-9a-f]{32}-[0-9a-f]{16}-01"/.test(output),
      'OTEL_TRACES_EXPORTER' in env,
      output,
    );
    assert.equal(/"trace_id":"[0-9a-f]{32}"/.test(output), 'OTEL_TRACES_EXPORTER' in env, output);
  };
  try {
    await run({});
    assert.deepEqual([...paths], []);
    await run({
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    });
    assert.ok(paths.has('/v1/traces') && paths.has('/v1/metrics'), [...paths].join());
  } finally {
    collector.closeAllConnections();
    collector.close();
  }
});

test('an unknown LOG_LEVEL is a mistake of the configuration, an empty one is absent', async () => {
  await assert.rejects(startTelemetry({ ...quiet, env: { LOG_LEVEL: 'loud' } }), {
    code: 'SIGNPOST_CONFIG',
    message: /LOG_LEVEL="loud": use one of trace, debug, info/,
  });
  await using telemetry = await startTelemetry({ ...quiet, env: { LOG_LEVEL: '' }, defaultLevel: 'silent' });
  assert.match(await telemetry.metricsText(), /signpost_build_info/);
});

test('OTEL_METRICS_EXPORTER=prometheus opens no port of its own, also beside a collector', async () => {
  const script = `
    import { Server } from 'node:net';
    import { startTelemetry } from '${new URL('telemetry.ts', import.meta.url).href}';
    Server.prototype.listen = function () { console.log('listens'); return this; };
    await using telemetry = await startTelemetry({ service: 's', version: '1', env: process.env });
    console.log('started');`;
  const child = await startGuardedProcess(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    env: {
      PATH: process.env['PATH'],
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces',
    },
  });
  assert.equal(await child.waitForEnd(), 0);
  assert.deepEqual(child.lines, ['started']);
});
