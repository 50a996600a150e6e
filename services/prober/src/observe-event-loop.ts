/**
 * How late the event loop runs its timers: where probes begin late and no slot was short, this is why.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

import type { Metrics } from '@signpost/telemetry/metrics';

/** Samples are this far apart, so that taking them costs nothing worth counting; a longer halt is never missed. */
const RESOLUTION_MS = 10;
const QUANTILES = [0.5, 0.99, 1];

export function observeEventLoop(metrics: Metrics): Disposable {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const gauge = metrics.gaugeFrom('signpost_event_loop_delay_seconds', () => {
    // A sample is the whole time between two of its timers.
    const shown = QUANTILES.map((quantile) => ({
      labels: { quantile: String(quantile) },
      value: Math.max(0, delays.percentile(quantile * 100) / 1e6 - RESOLUTION_MS) / 1_000,
    }));
    delays.reset();
    return shown;
  });
  return {
    [Symbol.dispose]: () => {
      gauge[Symbol.dispose]();
      delays.disable();
    },
  };
}
