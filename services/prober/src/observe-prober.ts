/**
 * What a prober shows of itself: its metrics, and a trace of each change of state from the probe that saw it to
 * the report that told it. It must not influence anything.
 */
import {
  context,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Tracer,
} from '@opentelemetry/api';
import type { HealthReport } from '@signpost/contracts/health-report';
import type { Headers } from '@signpost/contracts/messaging';
import type { Metrics } from '@signpost/telemetry/metrics';
import { SPANS } from '@signpost/telemetry/span-names';
import { withTraceContext } from '@signpost/telemetry/trace-context';

import type { BurstCause } from './burst/confirm-failures.ts';
import type { JudgedPairs, Transition } from './judge/judged-pairs.ts';
import { observeEventLoop } from './observe-event-loop.ts';
import type { ProbePhases, ProbeResult } from './probe/probe-result.ts';
import type { PlannedCheck } from './schedule/plan-checks.ts';

export interface ProberObserver extends Disposable {
  started(planned: PlannedCheck, latenessMs: number): void;
  skipped(planned: PlannedCheck): void;
  /** It is probed several times at once. */
  burst(planned: PlannedCheck, cause: BurstCause): void;
  finished(planned: PlannedCheck, result: ProbeResult, tookMs: number): void;
  /** `beganMs`: wall clock. */
  changed(
    planned: PlannedCheck,
    transitions: readonly Transition[],
    result: ProbeResult,
    beganMs: number,
  ): void;
  refusedAssignments(): void;
  sending(report: HealthReport, pair: string): { readonly headers: Headers; ended(error?: Error): void };
  removed(pair: string): void;
}

export function observeProber(metrics: Metrics, tracer: Tracer, pairs: JudgedPairs): ProberObserver {
  const gauges = new DisposableStack();
  gauges.use(metrics.gaugeFrom('signpost_assignments', () => [{ labels: {}, value: pairs.size }]));
  // Read when asked, so that a pair that is gone shows nothing.
  gauges.use(metrics.gaugeOfManyFrom('signpost_probe_success', () => successOf(pairs)));
  gauges.use(metrics.gaugeOfManyFrom('signpost_probe_ssl_earliest_cert_expiry', () => expiriesOf(pairs)));
  gauges.use(observeEventLoop(metrics));
  const probes = (planned: PlannedCheck, result: string) =>
    metrics.add('signpost_probes_total', { monitor: planned.assignment.monitor, result });
  return {
    started: (_planned, latenessMs) =>
      metrics.record('signpost_probe_lateness_seconds', {}, Math.max(0, latenessMs) / 1_000),
    skipped: (planned) => probes(planned, 'skipped'),
    burst: (_planned, cause) => metrics.add('signpost_bursts_total', { cause }),
    finished: (planned, result, tookMs) => {
      probes(planned, result.kind);
      const { monitor } = planned.assignment;
      metrics.record('signpost_probe_duration_seconds', { monitor, phase: 'whole' }, tookMs / 1_000);
      if (result.kind === 'pass') recordPhases(metrics, monitor, result.phases);
    },
    refusedAssignments: () => metrics.add('signpost_assignments_refused_total', {}),
    ...traceChanges(tracer, () => metrics.add('signpost_reports_published_total', {})),
    [Symbol.dispose]: () => gauges.dispose(),
  };
}

function* successOf(pairs: JudgedPairs) {
  for (const { monitor, target, passed } of pairs.lastResults()) {
    yield { labels: { monitor, target }, value: passed ? 1 : 0 };
  }
}

function* expiriesOf(pairs: JudgedPairs) {
  for (const { monitor, target, expiresMs } of pairs.certificateExpiries()) {
    yield { labels: { monitor, target }, value: expiresMs / 1_000 };
  }
}

const PHASES = ['resolve', 'connect', 'tls', 'answer', 'body'] as const;

function recordPhases(metrics: Metrics, monitor: string, phases: ProbePhases): void {
  for (const phase of PHASES) {
    const ms = phases[phase];
    if (ms !== undefined) metrics.record('signpost_probe_duration_seconds', { monitor, phase }, ms / 1_000);
  }
}

/** One span for the probe that changed a state and one for each attempt to report it, in the same trace. */
function traceChanges(
  tracer: Tracer,
  published: () => void,
): Pick<ProberObserver, 'changed' | 'sending' | 'removed'> {
  /** The probe that changed a pair, until that is told. */
  const causes = new Map<string, Context>();
  return {
    changed: (planned, transitions, result, beganMs) => {
      const attributes = attributesOf(planned, transitions);
      const span = tracer.startSpan(SPANS.probe, { startTime: beganMs, attributes });
      if (result.kind === 'fail') span.setStatus({ code: SpanStatusCode.ERROR, message: result.reason });
      span.end();
      causes.set(planned.pair, trace.setSpan(context.active(), span));
    },
    sending: (report, pair) => {
      const cause = causes.get(pair);
      // A resend has no cause of its own, and so no trace.
      if (cause === undefined) return { headers: {}, ended: (error) => void (error ?? published()) };
      const span = tracer.startSpan(
        SPANS.report,
        { attributes: { 'signpost.sequence': report.sequence } },
        cause,
      );
      return {
        headers: context.with(trace.setSpan(cause, span), () => withTraceContext({})),
        ended: (error) => {
          if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
          span.end();
          if (error !== undefined) return;
          published();
          if (causes.get(pair) === cause) causes.delete(pair);
        },
      };
    },
    removed: (pair) => void causes.delete(pair),
  };
}

function attributesOf({ assignment, check }: PlannedCheck, transitions: readonly Transition[]): Attributes {
  const changes = transitions.map(
    ({ family, before, after }) => [`signpost.${family}`, `${before.state} -> ${after.state}`] as const,
  );
  return {
    'signpost.monitor': assignment.monitor,
    'signpost.target': assignment.target,
    'server.address': check.address,
    'server.port': check.port,
    ...Object.fromEntries(changes),
  };
}
