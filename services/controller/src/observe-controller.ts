/**
 * What a controller shows of itself: metrics, log lines, and a trace of each round that changed something, from
 * the report that caused it to the publication and the events. The table of contents of all three; it must not
 * influence anything.
 */
import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Context, Tracer } from '@opentelemetry/api';
import { formatMistake, type Mistake } from '@signpost/config/check-configuration';
import type { Hold } from '@signpost/contracts/guard';
import { HEALTH_STATES } from '@signpost/contracts/health';
import type { Headers, MessagingError } from '@signpost/contracts/messaging';
import { OVERRIDE_SETTINGS } from '@signpost/contracts/override';
import type { Publication } from '@signpost/contracts/publication';
import type { StoreError } from '@signpost/contracts/record-store';
import { VANTAGE_STATES, type VantageStanding } from '@signpost/contracts/vantage-standing';
import type { Metrics } from '@signpost/telemetry/metrics';
import { seldom } from '@signpost/telemetry/seldom';
import { SPANS } from '@signpost/telemetry/span-names';
import type { Telemetry } from '@signpost/telemetry/telemetry';
import { linksTo, traceContextOf } from '@signpost/telemetry/trace-context';

import { isFresh } from './fleet/fleet.ts';
import type { LoadFeed } from './load/pool-load.ts';
import { showLoads } from './load/show-loads.ts';
import type { ControllerState, PairVerdict } from './reconcile/controller-state.ts';
import type { HostFinding } from './resolve/resolved-host.ts';
import type { VerdictChange } from './reconcile/judge-all.ts';
import { observeShares } from './share/observe-shares.ts';

export type ControllerTelemetry = Pick<Telemetry, 'logger' | 'metrics' | 'tracer'>;

/** What the gauges read when they are asked. */
export interface Observable {
  state(): ControllerState;
  leading(): boolean;
  messagingConnected(): boolean;
  storeConnected(): boolean;
  /** Why nothing could be written at the last attempt: a store that is reached may refuse. */
  storeProblem(): string | undefined;
  monotonicMs(): number;
}

export interface RoundTrace {
  /** For what the round as a whole brought about. */
  readonly headers: Headers;
  /** For the event of a pair: the trace of the report that changed it, else the round's. */
  headersOf(pair: string): Headers;
  step(name: 'publish'): { end(): void };
  end(): void;
}

export interface ControllerObserver {
  badMessage(subject: string, reason: string): void;
  reportsTaken(count: number): void;
  verdictsChanged(changes: readonly VerdictChange[]): void;
  vantageChanged(standing: VantageStanding): void;
  /** Whether the load of a pool is known. */
  loadFeedChanged(pool: string, feed: LoadFeed, reason: string): void;
  /** `parents`: traceparent of the reports behind the changes, by pair key. */
  round(changes: readonly VerdictChange[], parents: ReadonlyMap<string, string>): RoundTrace;
  rounded(durationMs: number): void;
  published(publication: Publication): void;
  notPublished(outcome: 'fenced' | 'base_mismatch' | 'stopped'): void;
  announced(event: string, count: number): void;
  resendAsked(vantage: string, prober: string): void;
  leads(token: { createdAtMs: number; revision: number }): void;
  leadEnded(reason: string): void;
  converged(): void;
  configurationTaken(revision: number, changes: { zones: number; pairs: number }): void;
  /** A policy has rules on autonomous systems, and there is no database of them here. */
  systemsUnknown(policy: string): void;
  configurationRefused(reason: string): void;
  fileApplied(file: string, revision: number, changed: boolean): void;
  fileRefused(mistakes: readonly Mistake[]): void;
  fileUnreadable(error: Error): void;
  fileNotApplied(error: MessagingError): void;
  apiFailed(error: unknown): void;
  refilledConfiguration(): void;
  messagingFailed(error: MessagingError): void;
  storeFailed(error: StoreError): void;
  storeRecovered(): void;
  guardHolds(hold: Hold): void;
  guardLifted(hold: Hold, reason: string): void;
  /** A policy rests on a configuration that is no longer kept: it starts anew with the present one. */
  guardForgot(revision: number): void;
  /** Confirmed failures took so much of a policy: nothing is held, somebody should know. */
  capacityLost(policy: string, share: number): void;
  hostLookedUp(finding: HostFinding): void;
  /** Told once; undefined: it can be looked up again. */
  hostFailing(host: string, reason: string | undefined): void;
}

const NO_TRACE: RoundTrace = {
  headers: {},
  headersOf: () => ({}),
  step: () => ({ end: () => undefined }),
  end: () => undefined,
};

export interface DisposableObserver extends ControllerObserver, Disposable {}

export function observeController(
  telemetry: ControllerTelemetry,
  observable: Observable,
): DisposableObserver {
  const { metrics, tracer, logger } = telemetry;
  const gauges = showState(metrics, observable);
  const monotonicMs = () => observable.monotonicMs();
  const [isNewBad, isNewOfMessaging, isNewOfStore] = [
    seldom(monotonicMs),
    seldom(monotonicMs),
    seldom(monotonicMs),
  ];
  return {
    [Symbol.dispose]: () => gauges.dispose(),
    badMessage: (subject, reason) => {
      metrics.add('signpost_reports_total', { outcome: 'dropped' });
      if (!isNewBad(`${subject} ${reason}`)) return;
      logger.warn({ subject, reason }, 'message dropped, it cannot be understood');
    },
    reportsTaken: (count) => {
      if (count > 0) metrics.add('signpost_reports_total', { outcome: 'taken' }, count);
    },
    verdictsChanged: (changes) => {
      for (const { from, to } of changes) {
        const { monitor, target, state, reason } = to;
        logger.info(
          { monitor, target, from: from?.state ?? 'unknown', to: state, reason },
          'verdict changed',
        );
      }
    },
    vantageChanged: ({ vantage, state, reason }) => {
      const log = state === 'voting' ? logger.info.bind(logger) : logger.warn.bind(logger);
      log({ vantage, state, reason }, 'vantage changed');
    },
    loadFeedChanged: (pool, feed, reason) => {
      if (feed === 'fresh') logger.info({ pool }, 'the load of a pool is known');
      else if (feed !== 'unlimited') logger.warn({ pool, reason }, 'the load of a pool is not known');
    },
    round: (changes, parents) => (changes.length === 0 ? NO_TRACE : startTrace(tracer, changes, parents)),
    rounded: (durationMs) => metrics.record('signpost_reconcile_duration_seconds', {}, durationMs / 1_000),
    published: ({ generation, changes, why }) => {
      metrics.add('signpost_publications_total', { outcome: 'published' });
      logger.info({ generation, changes: changes.length, why }, 'published');
    },
    notPublished: (outcome) => {
      metrics.add('signpost_publications_total', { outcome });
      logger.warn({ outcome }, 'not published');
    },
    announced: (type, count) => {
      if (count > 0) metrics.add('signpost_events_total', { type }, count);
    },
    resendAsked: (vantage, prober) => {
      logger.warn({ vantage, prober }, 'reports of a prober are missing, asking for all of them');
    },
    leads: (token) => logger.info({ token }, 'leading'),
    leadEnded: (reason) => logger.info({ reason }, 'not leading any more'),
    converged: () => logger.info({}, 'converged: health is known, publishing begins'),
    configurationTaken: (revision, changes) => logger.info({ revision, ...changes }, 'configuration taken'),
    systemsUnknown: (policy) => {
      const message =
        'the policy has rules on autonomous systems and there is no database of them: explain shows that they match ' +
        'nobody, and so it is at authorities without SIGNPOST_ASN_DB';
      logger.warn({ policy }, message);
    },
    configurationRefused: (reason) => {
      metrics.add('signpost_config_errors_total', {});
      logger.error({ reason }, 'configuration refused, the last good one stays in force');
    },
    fileApplied: (file, revision, changed) =>
      logger.info({ file, revision, changed }, 'configuration file applied'),
    fileRefused: (mistakes) => {
      metrics.add('signpost_config_errors_total', {});
      const all = mistakes.map(formatMistake).join('; ');
      logger.error({ mistakes: mistakes.length }, `configuration file refused, nothing changes: ${all}`);
    },
    fileUnreadable: (error) => {
      metrics.add('signpost_config_errors_total', {});
      logger.error({ reason: error.message }, 'configuration file cannot be read, nothing changes');
    },
    fileNotApplied: (error) =>
      logger.warn({ reason: error.message }, 'configuration file not applied yet, trying again'),
    apiFailed: (error) => logger.error({ reason: String(error) }, 'a request to the API failed'),
    refilledConfiguration: () => logger.warn({}, 'NATS held no configuration any more: written again'),
    messagingFailed: (error) => {
      if (isNewOfMessaging(error.message))
        logger.warn({ reason: error.message }, 'NATS failed, trying again');
    },
    storeFailed: (error) => {
      metrics.add('signpost_publications_total', { outcome: 'store_failed' });
      if (!isNewOfStore(error.message)) return;
      logger.warn({ reason: error.message }, 'the record store failed, trying again');
    },
    storeRecovered: () => logger.info({}, 'the record store is back'),
    guardHolds: ({ id, policy, cause, targets, removed, why }) =>
      logger.warn(
        { id, policy, cause, targets: targets.slice(0, 20), removed },
        `a guard holds a removal: ${why}; "signpost approve ${id}" lets it pass`,
      ),
    guardLifted: ({ id, policy }, reason) => logger.info({ id, policy, reason }, 'a hold is lifted'),
    guardForgot: (revision) =>
      logger.warn({ revision }, 'the configuration that guards held to is no longer kept'),
    capacityLost: (policy, share) => {
      metrics.add('signpost_guard_alarms_total', { policy });
      logger.error({ policy, share }, 'confirmed failures took much of the capacity of a policy');
    },
    hostLookedUp: ({ a, aaaa }) => {
      for (const { kind } of [a, aaaa]) metrics.add('signpost_host_lookups_total', { outcome: kind });
    },
    hostFailing: (host, reason) => {
      if (reason === undefined) logger.info({ host }, 'a host is resolved again');
      else logger.warn({ host, reason }, 'a host cannot be resolved, its last addresses stay');
    },
  };
}

/** Read when asked, so that what is gone shows nothing. */
function showState(metrics: Metrics, observable: Observable): DisposableStack {
  const shown = new DisposableStack();
  const service = 'controller';
  const yes = (value: boolean) => Number(value);
  const state = () => observable.state();
  shown.use(metrics.gaugeFrom('signpost_leader', () => [{ labels: {}, value: yes(observable.leading()) }]));
  shown.use(metrics.gaugeFrom('signpost_converged', () => [{ labels: {}, value: yes(state().converged) }]));
  shown.use(
    metrics.gaugeFrom('signpost_messaging_connected', () => [
      { labels: { service }, value: yes(observable.messagingConnected()) },
    ]),
  );
  shown.use(
    metrics.gaugeFrom('signpost_store_connected', () => [
      { labels: { service }, value: yes(observable.storeConnected()) },
    ]),
  );
  shown.use(
    metrics.gaugeFrom('signpost_generation', () => [{ labels: {}, value: state().records?.generation ?? 0 }]),
  );
  shown.use(
    metrics.gaugeFrom('signpost_config_applied_timestamp_seconds', () => {
      const { configuration } = state();
      return configuration === undefined ? [] : [{ labels: {}, value: configuration.atMs / 1_000 }];
    }),
  );
  shown.use(metrics.gaugeFrom('signpost_verdict', () => verdictGauges(state())));
  shown.use(metrics.gaugeFrom('signpost_overrides', () => overrideGauges(state())));
  shown.use(metrics.gaugeFrom('signpost_guard_holds', () => holdGauges(state())));
  shown.use(
    metrics.gaugeFrom('signpost_pool_load', () =>
      showLoads(state()).flatMap(({ pool, load }) =>
        load === undefined ? [] : [{ labels: { pool }, value: load }],
      ),
    ),
  );
  shown.use(
    metrics.gaugeFrom('signpost_pool_load_limit', () =>
      showLoads(state()).flatMap(({ pool, soft, hard }) => [
        { labels: { pool, limit: 'soft' }, value: soft },
        { labels: { pool, limit: 'hard' }, value: hard },
      ]),
    ),
  );
  shown.use(
    metrics.gaugeFrom('signpost_pool_keep_ratio', () =>
      showLoads(state()).map(({ pool, keep }) => ({ labels: { pool }, value: keep })),
    ),
  );
  shown.use(
    metrics.gaugeFrom('signpost_pool_load_fresh', () =>
      showLoads(state()).map(({ pool, feed }) => ({ labels: { pool }, value: yes(feed === 'fresh') })),
    ),
  );
  shown.use(metrics.gaugeFrom('signpost_resolved_hosts', () => hostGauges(state())));
  shown.use(metrics.gaugeFrom('signpost_probers_fresh', () => proberGauges(observable)));
  shown.use(metrics.gaugeFrom('signpost_vantage', () => vantageGauges(state())));
  shown.use(
    metrics.gaugeFrom('signpost_verdicts_frozen', () => [
      { labels: {}, value: countVerdicts(state(), ({ settled }) => !settled) },
    ]),
  );
  shown.use(
    metrics.gaugeFrom('signpost_verdicts_damped', () => [
      { labels: {}, value: countVerdicts(state(), ({ verdict }) => verdict.dampedUntilMs !== undefined) },
    ]),
  );
  shown.use(observeShares(metrics, () => state().shares));
  return shown;
}

function verdictGauges({ verdicts }: ControllerState) {
  return [...verdicts.values()].flatMap(({ verdict: { monitor, target, state: present } }) =>
    HEALTH_STATES.map((state) => ({
      labels: { monitor, target, state },
      value: Number(state === present),
    })),
  );
}

/** All of them, so that the last to end shows as 0. */
function overrideGauges({ present }: ControllerState) {
  const inForce = [...present.inForce.values()];
  return OVERRIDE_SETTINGS.flatMap((set) =>
    (['human', 'external'] as const).map((source) => ({
      labels: { set, source },
      value: inForce.filter((override) => override.set === set && override.source === source).length,
    })),
  );
}

function vantageGauges({ vantages }: ControllerState) {
  return [...vantages].flatMap(([vantage, { standing }]) =>
    VANTAGE_STATES.map((state) => ({ labels: { vantage, state }, value: Number(state === standing.state) })),
  );
}

function countVerdicts({ verdicts }: ControllerState, counts: (pair: PairVerdict) => boolean): number {
  return [...verdicts.values()].filter(counts).length;
}

function holdGauges({ guards }: ControllerState) {
  return [...guards].map(([policy, { memory }]) => ({ labels: { policy }, value: memory.holds.length }));
}

function hostGauges({ resolved }: ControllerState) {
  const hosts = [...resolved.values()];
  const failing = hosts.filter((host) => host.failing !== undefined);
  return [
    { labels: { state: 'resolved' }, value: hosts.length - failing.length },
    { labels: { state: 'failing' }, value: failing.length },
  ];
}

function proberGauges(observable: Observable) {
  const { fleet, configuration } = observable.state();
  const vantages = Object.keys(configuration?.topology.configuration.vantages ?? {});
  const fresh = new Map(vantages.map((vantage) => [vantage, 0]));
  for (const view of fleet.probers.values()) {
    const count = fresh.get(view.vantage);
    if (count !== undefined && isFresh(view, observable.monotonicMs())) fresh.set(view.vantage, count + 1);
  }
  return [...fresh].map(([vantage, value]) => ({ labels: { vantage }, value }));
}

function startTrace(
  tracer: Tracer,
  changes: readonly VerdictChange[],
  parents: ReadonlyMap<string, string>,
): RoundTrace {
  const contexts = new Map(
    [...parents].map(([pair, traceparent]) => [pair, traceContextOf({ traceparent })]),
  );
  const [cause = ROOT_CONTEXT] = contexts.values();
  const links = linksTo([...parents.values()].slice(1).map((traceparent) => ({ traceparent })));
  const attributes = { 'signpost.changes': changes.length };
  const span = tracer.startSpan(SPANS.reconcile, { links, attributes }, cause);
  const own = trace.setSpan(cause, span);
  const headers = headersOf(own);
  return {
    headers,
    headersOf: (pair) =>
      contexts.has(pair) && contexts.get(pair) !== cause ? headersOf(contexts.get(pair)!) : headers,
    step: (name) => tracer.startSpan(SPANS[name], {}, own),
    end: () => span.end(),
  };
}

function headersOf(of: Context): Headers {
  const headers: Record<string, string> = {};
  propagation.inject(of, headers);
  return headers;
}
