/** The authority's metrics and log lines: reads counters and state when somebody scrapes, never per query. */
import { rcodeName, typeName } from '@signpost/dns/constants';
import { geoAgeSeconds } from '@signpost/geo/mmdb-file';
import type { UdpLayerName } from '@signpost/contracts/udp-layer';
import type { GeoSource, SystemSource } from '@signpost/geo/geo-file';
import type { Clock } from '@signpost/lifecycle/clock';
import type { Logger } from '@signpost/telemetry/logger';
import type { Metrics, Observation } from '@signpost/telemetry/metrics';

import { STANDINGS } from './serve/standing.ts';
import { COUNTED_RCODES, COUNTED_TYPES, DROP_REASONS, readCounters } from './count/counters.ts';
import type { FollowEvent, RecordFollower } from './replica/follow-records.ts';
import { Transport } from './serve/transport.ts';

const TRANSPORTS = Object.entries(Transport);
const FAMILIES = [0, 1] as const;

/** What workers count, as metrics. */
export function observeCounters(metrics: Metrics, memories: readonly SharedArrayBuffer[]): Disposable {
  const stack = new DisposableStack();
  stack.use(metrics.countersFrom('signpost_dns_requests_total', () => requests(memories)));
  stack.use(
    metrics.countersFrom('signpost_dns_responses_total', () => {
      const reading = readCounters(memories);
      const named = COUNTED_RCODES.map((code, slot) => ({
        labels: { rcode: rcodeName(code) },
        value: reading.responses(slot),
      }));
      return [...named, { labels: { rcode: 'other' }, value: reading.responses(COUNTED_RCODES.length) }];
    }),
  );
  stack.use(
    metrics.countersFrom('signpost_dns_dropped_total', () => {
      const reading = readCounters(memories);
      return DROP_REASONS.map((reason) => ({ labels: { reason }, value: reading.dropped(reason) }));
    }),
  );
  stack.use(
    metrics.countersFrom('signpost_dns_unhealthy_answers_total', () => {
      const reading = readCounters(memories);
      return STANDINGS.slice(1).map((standing, index) => ({
        labels: { standing },
        value: reading.standings(index + 1),
      }));
    }),
  );
  stack.use(
    metrics.countersFrom('signpost_dns_slipped_total', () => [
      { labels: {}, value: readCounters(memories).slipped },
    ]),
  );
  stack.use(
    metrics.histogramFrom('signpost_dns_request_duration_seconds', () => {
      const { durations, durationSum } = readCounters(memories);
      return [{ labels: {}, counts: durations, sum: durationSum }];
    }),
  );
  stack.use(
    metrics.histogramFrom('signpost_dns_response_size_bytes', () => {
      const reading = readCounters(memories);
      return TRANSPORTS.map(([proto, transport]) => ({ labels: { proto }, ...reading.sizes(transport) }));
    }),
  );
  stack.use(
    metrics.gaugeFrom('signpost_tcp_connections', () => [
      { labels: {}, value: readCounters(memories).tcpConnections },
    ]),
  );
  return stack;
}

/** `remainingMs`: until the served certificate expires. */
export function observeCertificate(metrics: Metrics, remainingMs: () => number): Disposable {
  return metrics.gaugeFrom('signpost_tls_certificate_remaining_seconds', () => [
    { labels: {}, value: Math.floor(remainingMs() / 1_000) },
  ]);
}

/** Of the table of round trips in use. */
export function observeLatencies(
  metrics: Metrics,
  table: { readonly rows: number; ageMs(): number | undefined },
): Disposable {
  const stack = new DisposableStack();
  stack.use(metrics.gaugeFrom('signpost_latency_table_rows', () => [{ labels: {}, value: table.rows }]));
  stack.use(
    metrics.gaugeFrom('signpost_latency_table_age_seconds', () => {
      const ageMs = table.ageMs();
      return ageMs === undefined ? [] : [{ labels: {}, value: ageMs / 1_000 }];
    }),
  );
  return stack;
}

/** Of the tables that say which client gets what. */
export function observeClientTables(
  metrics: Metrics,
  tables: { readonly built: number; readonly missing: number; readonly octets: number },
): Disposable {
  const stack = new DisposableStack();
  const one = (value: number) => [{ labels: {}, value }];
  stack.use(metrics.gaugeFrom('signpost_client_tables', () => one(tables.built)));
  stack.use(metrics.gaugeFrom('signpost_client_tables_missing', () => one(tables.missing)));
  stack.use(metrics.gaugeFrom('signpost_client_tables_bytes', () => one(tables.octets)));
  return stack;
}

function* requests(
  memories: readonly SharedArrayBuffer[],
): Generator<Observation<'signpost_dns_requests_total'>> {
  const reading = readCounters(memories);
  for (const [proto, transport] of TRANSPORTS) {
    for (const family of FAMILIES) {
      for (let slot = 0; slot <= COUNTED_TYPES.length; slot += 1) {
        const value = reading.requests(transport, family, slot);
        const code = COUNTED_TYPES[slot];
        const type = code === undefined ? 'other' : typeName(code);
        if (value > 0) yield { labels: { proto, family: String(family + 1), type }, value };
      }
    }
  }
}

export interface ObservedState {
  readonly follower: RecordFollower;
  readonly geo: GeoSource;
  /** Undefined: there is no database of autonomous systems. */
  readonly systems: SystemSource | undefined;
  /** Record sets whose rules ask for one that is not there. */
  readonly systemsMissed: () => number;
  readonly udp: UdpLayerName;
  readonly clock: Clock;
  readonly storeConnected: () => boolean;
  readonly ready: () => boolean;
}

export function observeState(metrics: Metrics, state: ObservedState): Disposable {
  const { follower, geo, systems, clock } = state;
  const stack = new DisposableStack();
  const service = { service: 'authority' };
  const one = (value: number) => [{ labels: {}, value }];
  stack.use(metrics.gaugeFrom('signpost_ready', () => [{ labels: service, value: Number(state.ready()) }]));
  stack.use(
    metrics.gaugeFrom('signpost_store_connected', () => [
      { labels: service, value: Number(state.storeConnected()) },
    ]),
  );
  stack.use(metrics.gaugeFrom('signpost_udp_layer', () => [{ labels: { layer: state.udp }, value: 1 }]));
  stack.use(metrics.gaugeFrom('signpost_snapshot_generation', () => one(follower.generation)));
  stack.use(metrics.gaugeFrom('signpost_snapshot_age_seconds', () => one(follower.heardAgeMs() / 1_000)));
  stack.use(metrics.gaugeFrom('signpost_snapshot_zones', () => one(follower.servedZones.size)));
  stack.use(
    metrics.gaugeFrom('signpost_controller_tick_age_seconds', () => one(follower.tickAgeMs() / 1_000)),
  );
  stack.use(
    metrics.gaugeFrom('signpost_geo_db_age_seconds', () => one(geoAgeSeconds(geo.current(), clock.now()))),
  );
  stack.use(
    metrics.gaugeFrom('signpost_asn_db_age_seconds', () =>
      systems === undefined ? [] : one(geoAgeSeconds(systems.current(), clock.now())),
    ),
  );
  stack.use(metrics.gaugeFrom('signpost_asn_db_missed', () => one(state.systemsMissed())));
  return stack;
}

/** Log lines and counts of what happens between the store and the snapshot. */
export function tellFollowing(
  logger: Logger,
  metrics: Metrics,
  event: FollowEvent,
  isNews: (reason: string) => boolean,
): void {
  switch (event.kind) {
    case 'loaded':
      return logger.info({ generation: event.generation, kept: event.kept }, 'all records read');
    case 'applied':
      return logger.debug(
        { generation: event.generation, publications: event.publications },
        'records changed',
      );
    case 'went_back':
      return logger.warn(
        { stored: event.stored, served: event.served },
        'the store is empty or older than what is served: answering on from memory until it is refilled',
      );
    case 'failed':
      metrics.add('signpost_store_errors_total', {});
      // Asked in any case, so that the first counts as told. What comes after it may say more: a password that is refused.
      if (isNews(String(event.error)) || event.isFirst) {
        logger.warn({ err: event.error }, 'the store is not read: answering on from memory');
      }
      return;
    case 'recovered':
      return logger.info('the store is read again');
    default:
      throw new TypeError(`unhandled event ${JSON.stringify(event satisfies never)}`);
  }
}
