/** Metrics of round trips and of the beacon: read when somebody scrapes. */
import type { Metrics } from '@signpost/telemetry/metrics';

import { ROW_KINDS } from './latency-aggregate.ts';
import type { LatencyKeeper } from './latency-keeper.ts';

export function observeLatency(
  metrics: Metrics,
  { counts, aggregate: { rows } }: Pick<LatencyKeeper, 'counts' | 'aggregate'>,
): Disposable {
  const shown = new DisposableStack();
  shown.use(
    metrics.countersFrom('signpost_latency_measurements_total', () =>
      [...counts].map(([outcome, value]) => ({ labels: { outcome }, value })),
    ),
  );
  shown.use(
    metrics.gaugeFrom('signpost_latency_rows', () =>
      ROW_KINDS.map((kind) => ({ labels: { kind }, value: rows[kind].size })),
    ),
  );
  shown.use(
    metrics.countersFrom('signpost_latency_rows_dropped_total', () =>
      ROW_KINDS.map((kind) => ({ labels: { kind }, value: rows[kind].dropped })),
    ),
  );
  return shown;
}
