/**
 * The table of contents of all metrics: names as Prometheus shows them, CoreDNS-shaped where CoreDNS has the like.
 * Instruments are made from this table only; `docs/metrics.md` is held to it by a test.
 */

export type MetricKind = 'counter' | 'gauge' | 'histogram';

export interface MetricDescription {
  readonly kind: MetricKind;
  readonly service: 'all' | 'authority' | 'controller' | 'prober';
  readonly labels: readonly string[];
  readonly help: string;
  /** Upper bounds of a histogram's buckets, in the unit that the name ends in. */
  readonly buckets?: readonly number[];
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const QUERY_SECONDS = [
  0.000_002, 0.000_005, 0.000_01, 0.000_02, 0.000_05, 0.000_1, 0.000_25, 0.001, 0.005, 0.025,
];
const OCTETS = [64, 128, 256, 512, 1_232, 4_096, 16_384, 65_535];

export const METRICS = {
  signpost_build_info: metric('gauge', 'all', ['version', 'service'], '1, labelled with what runs'),
  signpost_ready: metric('gauge', 'all', ['service'], '1 when the service may get traffic'),
  signpost_messaging_connected: metric('gauge', 'all', ['service'], '1 while NATS is reached'),
  signpost_store_connected: metric('gauge', 'all', ['service'], '1 while Redis is reached'),
  signpost_geo_db_age_seconds: metric(
    'gauge',
    'authority',
    [],
    'age of the MaxMind database since it was built',
  ),
  signpost_asn_db_age_seconds: metric(
    'gauge',
    'authority',
    [],
    'age of the database of autonomous systems since it was built; absent without one',
  ),
  signpost_asn_db_missed: metric(
    'gauge',
    'authority',
    [],
    'record sets whose rules ask for autonomous systems while there is no database of them, so that they match nobody',
  ),
  signpost_geo_reload_failures_total: metric(
    'counter',
    'authority',
    [],
    'MaxMind files refused; the last good one stays',
  ),

  signpost_dns_requests_total: metric(
    'counter',
    'authority',
    ['proto', 'family', 'type'],
    'queries received',
  ),
  signpost_dns_responses_total: metric('counter', 'authority', ['rcode'], 'responses sent'),
  signpost_dns_dropped_total: metric('counter', 'authority', ['reason'], 'packets that got no response'),
  signpost_dns_unhealthy_answers_total: metric(
    'counter',
    'authority',
    ['standing'],
    'responses from a policy without a healthy pool, by what it does then: fail_open, servfail and so on',
  ),
  signpost_dns_slipped_total: metric(
    'counter',
    'authority',
    [],
    'responses withheld by the rate limit and replaced by an empty one with TC, or by BADCOOKIE',
  ),
  signpost_answer_samples_total: metric(
    'counter',
    'authority',
    [],
    'samples of steered answers told on NATS; each stands for its weight in answers',
  ),
  signpost_dns_request_duration_seconds: metric(
    'histogram',
    'authority',
    [],
    'time from packet to response, sampled',
    QUERY_SECONDS,
  ),
  signpost_dns_response_size_bytes: metric('histogram', 'authority', ['proto'], 'size of responses', OCTETS),
  signpost_udp_layer: metric(
    'gauge',
    'authority',
    ['layer'],
    'always 1; how UDP is received and sent: batched, or dgram where the addon is not here',
  ),
  signpost_tcp_connections: metric('gauge', 'authority', [], 'open TCP connections, those of TLS included'),
  signpost_tls_certificate_remaining_seconds: metric(
    'gauge',
    'authority',
    [],
    'time until the served certificate expires, negative when it has; absent without TLS',
  ),
  signpost_tls_reload_failures_total: metric(
    'counter',
    'authority',
    [],
    'certificates refused; the last good one stays',
  ),
  signpost_snapshot_generation: metric('gauge', 'authority', [], 'generation that all workers answer from'),
  signpost_snapshot_age_seconds: metric(
    'gauge',
    'authority',
    [],
    'time since the snapshot was last known to be current',
  ),
  signpost_snapshot_zones: metric('gauge', 'authority', [], 'zones served'),
  signpost_store_errors_total: metric('counter', 'authority', [], 'failed or undecodable reads of Redis'),
  signpost_controller_tick_age_seconds: metric(
    'gauge',
    'authority',
    [],
    "age of the controller's last sign of life",
  ),
  signpost_client_tables: metric(
    'gauge',
    'authority',
    [],
    'tables that rules on clients are flattened into, so that a query needs one look-up; also of rules that are kept for their return',
  ),
  signpost_client_tables_missing: metric(
    'gauge',
    'authority',
    [],
    'sets of rules on clients that are walked rule by rule: their table is being built, or there are too many',
  ),
  signpost_client_tables_bytes: metric(
    'gauge',
    'authority',
    [],
    'memory of those tables, shared by all workers',
  ),
  signpost_latency_table_rows: metric(
    'gauge',
    'authority',
    [],
    'rows of the table of round trips that answers go by; 0 when there is none or it is too old',
  ),
  signpost_latency_table_age_seconds: metric(
    'gauge',
    'authority',
    [],
    'age of that table since it was last written; absent when there is none',
  ),

  signpost_leader: metric('gauge', 'controller', [], '1 while this controller leads'),
  signpost_converged: metric(
    'gauge',
    'controller',
    [],
    '1 when the present health is known and publishing may begin',
  ),
  signpost_generation: metric('gauge', 'controller', [], 'generation of the last publication'),
  signpost_reports_total: metric(
    'counter',
    'controller',
    ['outcome'],
    'health reports by what became of them',
  ),
  signpost_verdict: metric(
    'gauge',
    'controller',
    ['monitor', 'target', 'state'],
    '1 for the present state of each pair',
  ),
  signpost_overrides: metric(
    'gauge',
    'controller',
    ['set', 'source'],
    'targets that an override is in force for',
  ),
  signpost_probers_fresh: metric('gauge', 'controller', ['vantage'], 'probers of a vantage that have a vote'),
  signpost_vantage: metric(
    'gauge',
    'controller',
    ['vantage', 'state'],
    '1 for the present standing of each vantage: voting, silent or quarantined',
  ),
  signpost_verdicts_frozen: metric(
    'gauge',
    'controller',
    [],
    'pairs with too few votes for a new verdict; their last one stands',
  ),
  signpost_verdicts_damped: metric('gauge', 'controller', [], 'pairs that flap damping keeps down'),
  signpost_guard_holds: metric('gauge', 'controller', ['policy'], 'removals that guards hold back'),
  signpost_guard_alarms_total: metric(
    'counter',
    'controller',
    ['policy'],
    'times that confirmed failures took more of the capacity of a policy than a guard would let go',
  ),
  signpost_pool_load: metric(
    'gauge',
    'controller',
    ['pool'],
    'load of a pool with load limits as pushed last, in the unit of the limits',
  ),
  signpost_pool_load_limit: metric(
    'gauge',
    'controller',
    ['pool', 'limit'],
    'soft and hard limit of that load, as much of them as of the weight of the pool is up',
  ),
  signpost_pool_load_fresh: metric(
    'gauge',
    'controller',
    ['pool'],
    '1 while that load is known; else nothing is steered by it',
  ),
  signpost_pool_keep_ratio: metric(
    'gauge',
    'controller',
    ['pool'],
    'share of its clients that a pool keeps; the others are sent where there is room',
  ),
  signpost_target_share_ratio: metric(
    'gauge',
    'controller',
    ['pool', 'target', 'kind'],
    'share of the clients of a pool that a target is to have (wanted), has (measured), or seems to have (estimated)',
  ),
  signpost_target_weight_factor: metric(
    'gauge',
    'controller',
    ['pool', 'target'],
    'what the weight of a target is multiplied by, so that clients follow it',
  ),
  signpost_target_keep_ratio: metric(
    'gauge',
    'controller',
    ['pool', 'target'],
    'share of its clients that a target keeps under bounded affinity',
  ),
  signpost_pool_share_ratio: metric(
    'gauge',
    'controller',
    ['policy', 'pool', 'kind'],
    'the same as signpost_target_share_ratio for the pools of a weighted stage',
  ),
  signpost_pool_weight_factor: metric(
    'gauge',
    'controller',
    ['policy', 'pool'],
    'the same as signpost_target_weight_factor for the pools of a weighted stage',
  ),
  signpost_publications_total: metric('counter', 'controller', ['outcome'], 'publications by outcome'),
  signpost_events_total: metric('counter', 'controller', ['type'], 'events appended for anyone to see'),
  signpost_reconcile_duration_seconds: metric(
    'histogram',
    'controller',
    [],
    'time of one reconcile that had work',
    SECONDS,
  ),
  signpost_config_errors_total: metric(
    'counter',
    'controller',
    [],
    'configurations refused; the last good one stays',
  ),
  signpost_resolved_hosts: metric(
    'gauge',
    'controller',
    ['state'],
    'host names whose addresses are published: resolved, or failing and as last found',
  ),
  signpost_host_lookups_total: metric(
    'counter',
    'controller',
    ['outcome'],
    'look-ups of one address family of a host, by outcome: found, none, failed',
  ),
  signpost_config_applied_timestamp_seconds: metric(
    'gauge',
    'controller',
    [],
    'when the running configuration was applied',
  ),
  signpost_latency_measurements_total: metric(
    'counter',
    'controller',
    ['outcome'],
    'round trips heard by what became of them; malformed counts messages',
  ),
  signpost_latency_rows: metric(
    'gauge',
    'controller',
    ['kind'],
    'prefixes, systems and countries with a round trip that enough was measured of',
  ),
  signpost_latency_rows_dropped_total: metric(
    'counter',
    'controller',
    ['kind'],
    'such rows that were pushed out by others',
  ),
  signpost_beacon_requests_total: metric(
    'counter',
    'controller',
    ['outcome'],
    'requests to the beacon endpoint: taken, limited, refused, or unsent because NATS is away',
  ),

  signpost_assignments: metric('gauge', 'prober', [], 'pairs this prober checks'),
  signpost_assignments_refused_total: metric(
    'counter',
    'prober',
    [],
    'shards of assignments that could not be read; the last good one stays',
  ),
  signpost_probes_total: metric(
    'counter',
    'prober',
    ['monitor', 'result'],
    'probes by result: pass, fail, inconclusive (ours, not counted), unable (until the host is mended) or skipped',
  ),
  signpost_probe_success: metric('gauge', 'prober', ['monitor', 'target'], '1 when the last probe passed'),
  signpost_probe_duration_seconds: metric(
    'histogram',
    'prober',
    ['monitor', 'phase'],
    'time of a probe: the whole, and of those that pass each phase (resolve, connect, tls, answer, body)',
    SECONDS,
  ),
  signpost_probe_ssl_earliest_cert_expiry: metric(
    'gauge',
    'prober',
    ['monitor', 'target'],
    'when the first certificate of the chain last seen expires, Unix time in seconds',
  ),
  signpost_probe_lateness_seconds: metric(
    'histogram',
    'prober',
    [],
    'how long after it was due a probe began',
    SECONDS,
  ),
  signpost_bursts_total: metric(
    'counter',
    'prober',
    ['cause'],
    'checks probed several times at once: after a first failure of our own, or asked by a prober that saw one',
  ),
  signpost_event_loop_delay_seconds: metric(
    'gauge',
    'prober',
    ['quantile'],
    'how late the event loop ran timers since the last scrape: 0.5, 0.99, 1 (the longest)',
  ),
  signpost_reports_published_total: metric('counter', 'prober', [], 'health reports stored by NATS'),
} as const satisfies Record<string, MetricDescription>;

export type MetricName = keyof typeof METRICS;

function metric<Kind extends MetricKind, Label extends string>(
  kind: Kind,
  service: MetricDescription['service'],
  labels: readonly Label[],
  help: string,
  buckets?: readonly number[],
): MetricDescription & { kind: Kind; labels: readonly Label[] } {
  return { kind, service, labels, help, ...(buckets === undefined ? {} : { buckets }) };
}

/** The names of one kind. */
export type NameOf<Kind extends MetricKind> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

/** Exactly the labels of the table, with their values. */
export type Labels<Name extends MetricName> = Readonly<
  Record<(typeof METRICS)[Name]['labels'][number], string>
>;
