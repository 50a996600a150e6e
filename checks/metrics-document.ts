/** The page of all metrics, made from the table that instruments are made from. `npm run docs` writes it. */
import { METRICS, type MetricDescription } from '@signpost/telemetry/metric-names';

export function metricsText(): string {
  const rows = Object.entries<MetricDescription>(METRICS).map(
    ([name, { kind, service, labels, help }]) =>
      `| \`${name}\` | ${kind} | ${service} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${help} |`,
  );
  return `# Metrics

Made from \`libs/telemetry/src/metric-names.ts\` by "npm run docs"; a test holds it to the code. Every service shows its own at \`/metrics\` of
its admin address (\`SIGNPOST_ADMIN_LISTEN\`), in Prometheus' text format, beside OpenTelemetry's \`target_info\`. At the same address
\`/livez\` (also \`/healthz\`) answers 200 as long as the process runs, and \`/readyz\` 200 when it may get traffic, else 503 with the reasons.

| metric | kind | service | labels | meaning |
|---|---|---|---|---|
${rows.join('\n')}
`;
}
