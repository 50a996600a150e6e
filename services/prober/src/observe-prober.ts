/**
 * What a prober shows of itself: its metrics, and a trace of each change of state from the probe that saw it to
 * the report that told it. The table of contents of both; it must not influence anything.
 */
import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Context, Meter, Tracer } from '@opentelemetry/api';
import { FAMILIES } from '@signpost/contracts/health';
import type { HealthReport } from '@signpost/contracts/health-report';
import type { Headers } from '@signpost/contracts/messaging';

import type { JudgedPairs, Transition } from './judge/judged-pairs.ts';
import type { ProbeResult } from './probe/probe-result.ts';
import type { PlannedCheck } from './schedule/plan-checks.ts';

export interface ProberObserver {
  started(planned: PlannedCheck, latenessMs: number): void;
  skipped(planned: PlannedCheck): void;
  /** `beganMs`: wall clock. */
  finished(planned: PlannedCheck, result: ProbeResult): void;
  changed(
    planned: PlannedCheck,
    transitions: readonly Transition[],
    result: ProbeResult,
    beganMs: number,
  ): void;
  refusedAssignments(): void;
  sending(report: HealthReport, pair: string): { readonly headers: Headers; ended(error?: unknown): void };
  removed(pair: string): void;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function observeProber(meter: Meter, tracer: Tracer, pairs: JudgedPairs): ProberObserver {
  const instruments = createInstruments(meter);
  showSuccess(meter, pairs);
  /** The probe that changed a pair, until its report is confirmed. */
  const causes = new Map<string, Context>();
  return {
    started: (_planned, latenessMs) => instruments.lateness.record(latenessMs / 1_000),
    skipped: (planned) => instruments.skipped.add(1, labelsOf(planned)),
    finished: (planned, result) => {
      instruments.probes.add(1, { ...labelsOf(planned), result: result.kind });
      if (result.kind !== 'pass') return;
      for (const [phase, ms] of Object.entries(result.phases))
        instruments.duration.record(ms / 1_000, { phase });
    },
    changed: (planned, transitions, result, beganMs) => {
      const span = tracer.startSpan('probe', {
        startTime: beganMs,
        attributes: spanAttributes(planned, transitions),
      });
      if (result.kind === 'fail') span.setStatus({ code: SpanStatusCode.ERROR, message: result.reason });
      span.end();
      causes.set(planned.pair, trace.setSpan(context.active(), span));
    },
    refusedAssignments: () => instruments.refused.add(1),
    sending: (report, pair) => {
      const cause = causes.get(pair);
      // A resend has no cause of its own: no span, no trace.
      const span = cause === undefined ? undefined : tracer.startSpan('report', {}, cause);
      return {
        headers: span === undefined ? {} : traceHeaders(trace.setSpan(cause!, span)),
        ended: (error) => {
          if (error === undefined) {
            instruments.published.add(1);
            if (causes.get(pair) === cause) causes.delete(pair);
          } else {
            instruments.failed.add(1);
            span?.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
          }
          span?.end();
        },
      };
    },
    removed: (pair) => void causes.delete(pair),
  };
}

function createInstruments(meter: Meter) {
  const advice = { explicitBucketBoundaries: SECONDS };
  return {
    probes: meter.createCounter('signpost_probes_total', { description: 'Probes finished, by result' }),
    skipped: meter.createCounter('signpost_probes_skipped_total', {
      description: 'Probes not started because the last one of the same check was still running',
    }),
    duration: meter.createHistogram('signpost_probe_duration_seconds', {
      description: 'Duration of the phases of probes that passed: resolve, connect, tls, headers',
      advice,
    }),
    lateness: meter.createHistogram('signpost_probe_lateness_seconds', {
      description: 'How much later than due a probe started',
      advice,
    }),
    published: meter.createCounter('signpost_reports_published_total', {
      description: 'Reports stored by NATS',
    }),
    failed: meter.createCounter('signpost_reports_failed_total', {
      description: 'Reports that NATS did not confirm; they are sent again',
    }),
    refused: meter.createCounter('signpost_assignments_refused_total', {
      description: 'Shards of assignments that could not be read; the last good one stays in force',
    }),
  };
}

/** Read when asked, so that a pair that is gone shows nothing. */
function showSuccess(meter: Meter, pairs: JudgedPairs): void {
  const success = meter.createObservableGauge('signpost_probe_success', {
    description: '1 when the family of the target is up or suspect, 0 when it is down',
  });
  success.addCallback((gauge) => {
    for (const key of pairs.keys()) {
      const view = pairs.view(key);
      if (view === undefined) continue;
      for (const family of FAMILIES) {
        const state = view.families[family]?.state;
        if (state === undefined || state === 'unknown') continue;
        gauge.observe(state === 'down' ? 0 : 1, { monitor: view.monitor, target: view.target, family });
      }
    }
  });
}

function labelsOf({ assignment: { monitor, target } }: PlannedCheck): Attributes {
  return { monitor, target };
}

function spanAttributes({ assignment, check }: PlannedCheck, transitions: readonly Transition[]): Attributes {
  return {
    'signpost.monitor': assignment.monitor,
    'signpost.target': assignment.target,
    'server.address': check.address,
    'server.port': check.port,
    ...Object.fromEntries(
      transitions.map(({ family, before, after }) => [
        `signpost.${family}`,
        `${before.state} -> ${after.state}`,
      ]),
    ),
  };
}

function traceHeaders(of: Context): Headers {
  const headers: Record<string, string> = {};
  propagation.inject(of, headers);
  return headers;
}
