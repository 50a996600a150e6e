/**
 * Health checks of Route 53 as the health of records: a monitor and where it connects to, or a fixed state. What a
 * check has that a monitor has not is remarked where the check stands, once.
 */
import type { NounDraft } from '../noun-draft.ts';
import type { Remarks, SourcePlace } from '../remark.ts';
import { endpointOf, type MonitorInput, monitorOfCheck } from './check-monitor.ts';
import type { HealthCheckListing } from './listing-shapes.ts';
import type { Placed } from './read-listings.ts';

/** Of a record. Nothing in it: it counts as healthy always. */
export interface Health {
  readonly monitor?: { readonly wanted: string; readonly input: MonitorInput };
  /** Where to probe. */
  readonly endpoint?: string;
  readonly status?: 'up' | 'down';
}

const ALWAYS_HEALTHY: Health = {};
const PUSH_INTERVAL = 60;

export class HealthChecks {
  readonly #checks: ReadonlyMap<string, Placed<HealthCheckListing>>;
  readonly #nouns: NounDraft;
  readonly #remarks: Remarks;
  readonly #read = new Map<string, Health>();
  readonly #reading = new Set<string>();

  constructor(checks: ReadonlyMap<string, Placed<HealthCheckListing>>, nouns: NounDraft, remarks: Remarks) {
    this.#checks = checks;
    this.#nouns = nouns;
    this.#remarks = remarks;
  }

  /** Of a record that names the check, or no check, at `place`. */
  healthOf(id: string | undefined, place: SourcePlace): Health {
    if (id === undefined) return ALWAYS_HEALTHY;
    const check = this.#checks.get(id);
    if (check === undefined) {
      this.#remarks.lost(
        place,
        `health check ${id} is in no file, so the record counts as healthy; add what "aws route53 list-health-checks" prints`,
      );
      return ALWAYS_HEALTHY;
    }
    const before = this.#read.get(id);
    if (before !== undefined) return before;
    if (this.#reading.has(id)) return ALWAYS_HEALTHY; // Route 53 has no loops
    this.#reading.add(id);
    const health = this.#readCheck(check);
    this.#read.set(id, health);
    return health;
  }

  /** To be called last. */
  remarkUnused(): void {
    for (const [id, { value, placeOf }] of this.#checks) {
      if (this.#read.has(id)) continue;
      this.#remarks.lost(placeOf(), 'no record uses the check', value.HealthCheckConfig);
    }
  }

  #readCheck(check: Placed<HealthCheckListing>): Health {
    const { HealthCheckConfig: config } = check.value;
    const at = (...below: string[]) => check.placeOf('HealthCheckConfig', ...below);
    this.#remarkOptions(check);
    const health = this.#byType(check);
    if (config.Disabled === true) {
      const status = config.Inverted === true ? 'down' : 'up';
      const more = status === 'down' ? ', and never answered, not even when all are down' : '';
      this.#remarks.changed(at('Disabled'), `disabled; its targets have status: ${status}${more}`);
      return { ...health, status };
    }
    if (config.Inverted !== true) return health;
    this.#remarks.lost(at('Inverted'), 'a monitor cannot be inverted; its records count as healthy', config);
    return ALWAYS_HEALTHY;
  }

  #byType(check: Placed<HealthCheckListing>): Health {
    const { HealthCheckConfig: config } = check.value;
    switch (config.Type) {
      case 'CALCULATED':
        return this.#calculated(check);
      case 'CLOUDWATCH_METRIC':
        return this.#alarm(check);
      case 'RECOVERY_CONTROL': {
        const control = config.RoutingControlArn ?? 'without a name';
        const message = `routing control ${control} is switched elsewhere; switch targets here by "signpost down" and "signpost up"`;
        this.#remarks.lost(check.placeOf('HealthCheckConfig', 'Type'), message);
        return ALWAYS_HEALTHY;
      }
      default: {
        const input = monitorOfCheck(config);
        const endpoint = endpointOf(config);
        if (input !== undefined && endpoint !== undefined) {
          const wanted = `${endpoint.replace(/\.$/, '')}-${config.Type.toLowerCase().replace(/_str_match$/, '')}`;
          return { monitor: { wanted, input }, endpoint };
        }
        const message = 'it does not say what to ask; its records count as healthy';
        this.#remarks.lost(check.placeOf('HealthCheckConfig'), message, config);
        return ALWAYS_HEALTHY;
      }
    }
  }

  /** So many of several others. They can be asked about one target only, so all must look at one endpoint. */
  #calculated({ value, placeOf }: Placed<HealthCheckListing>): Health {
    const { HealthThreshold: threshold = 0, ChildHealthChecks: ids = [] } = value.HealthCheckConfig;
    const at = (...below: (string | number)[]) => placeOf('HealthCheckConfig', ...below);
    if (threshold === 0 || threshold > ids.length) {
      const status = threshold === 0 ? 'up' : 'down';
      const message = `${threshold} of ${ids.join(', ') || 'none'}: always ${status === 'up' ? 'healthy' : 'unhealthy'}; its targets have status: ${status}`;
      this.#remarks.changed(at('HealthThreshold'), message);
      return { status };
    }
    const children = ids.map((id, index) => this.healthOf(id, at('ChildHealthChecks', index)));
    const endpoints = new Set(children.flatMap(({ endpoint }) => endpoint ?? []));
    const monitors = children.flatMap(({ monitor, status }) => (status === undefined ? (monitor ?? []) : []));
    const names = [
      ...new Set(monitors.map(({ wanted, input }) => this.#nouns.add('monitors', wanted, input))),
    ];
    const healthy = children.filter(
      ({ monitor, status }) => status === 'up' || (monitor === undefined && status === undefined),
    );
    const n = threshold - healthy.length;
    if (n <= 0) {
      this.#remarks.changed(
        at('ChildHealthChecks'),
        `${healthy.length} of ${ids.join(', ')} are healthy always, and so is it`,
      );
      return { status: 'up' };
    }
    if (endpoints.size > 1 || names.length < monitors.length || n > names.length) {
      const message = `${threshold} of ${ids.join(', ')}, which look at several endpoints (${[...endpoints].join(', ')}); a monitor looks at one target, so it became a push monitor: send heartbeats as long as it holds`;
      this.#remarks.changed(at('ChildHealthChecks'), message);
      return { monitor: { wanted: `calculated-${value.Id.slice(0, 8)}`, input: push(PUSH_INTERVAL) } };
    }
    const [endpoint] = endpoints;
    const input: MonitorInput = { type: 'calculated', at_least: { n, of: names } };
    return {
      monitor: { wanted: `calculated-${value.Id.slice(0, 8)}`, input },
      ...(endpoint !== undefined && { endpoint }),
    };
  }

  #alarm({ value, placeOf }: Placed<HealthCheckListing>): Health {
    const { AlarmIdentifier: alarm, InsufficientDataHealthStatus: silence } = value.HealthCheckConfig;
    const settings = value.CloudWatchAlarmConfiguration ?? {};
    const period = settings['Period'];
    const message = `alarm ${alarm?.Name ?? 'without a name'} in ${alarm?.Region ?? 'no region'} became a push monitor: send its state as heartbeats (without data it was ${silence ?? 'LastKnownStatus'}, here it is suspect, then down)`;
    this.#remarks.changed(placeOf('HealthCheckConfig', 'AlarmIdentifier'), message, settings);
    const seconds = typeof period === 'number' && period > 0 ? period : PUSH_INTERVAL;
    return { monitor: { wanted: alarm?.Name ?? `alarm-${value.Id.slice(0, 8)}`, input: push(seconds) } };
  }

  #remarkOptions({ value, placeOf }: Placed<HealthCheckListing>): void {
    const { Regions, EnableSNI, MeasureLatency, Type } = value.HealthCheckConfig;
    const at = (key: string) => placeOf('HealthCheckConfig', key);
    if (Regions !== undefined) {
      this.#remarks.lost(
        at('Regions'),
        `checked from ${Regions.join(', ')}; write vantages where your probers are`,
      );
    }
    if (EnableSNI === false && Type.startsWith('HTTPS')) {
      this.#remarks.lost(at('EnableSNI'), 'probes send the host as SNI');
    }
    if (MeasureLatency === true)
      this.#remarks.lost(at('MeasureLatency'), 'probers count latency of all probes');
  }
}

function push(seconds: number): MonitorInput {
  return { type: 'push', expect_every: `${seconds}s`, silence: 'suspect' };
}
