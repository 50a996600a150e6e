/**
 * Pools from what records of Route 53 lead to. A pool has one monitor: where the checks of its records differ in host or
 * port alone its targets say their own, and who has no check is up.
 */
import type { ConfigurationInput } from '@signpost/contracts/configuration';

import type { Remarks, SourcePlace } from '../remark.ts';
import type { NounDraft } from '../noun-draft.ts';
import type { MonitorInput } from './check-monitor.ts';
import type { Health } from './health-checks.ts';

type TargetInput = NonNullable<ConfigurationInput['targets']>[string];

export interface Leaf {
  readonly address: { readonly a?: string; readonly aaaa?: string } | { readonly cname: string };
  readonly health: Health;
  /** Of the record that says its health. */
  readonly place: SourcePlace;
  /** Latitude and longitude, and what the place is called. */
  readonly at?: readonly [number, number];
  readonly site?: string;
  readonly weight: number;
}

/** Whether one monitor can judge all of them as their own checks do. */
export function shareMonitor(leaves: readonly Leaf[]): boolean {
  const monitors = leaves.flatMap(({ health: { monitor } }) =>
    monitor === undefined ? [] : [generic(monitor.input)],
  );
  return new Set(monitors).size < 2;
}

export function addPool(wanted: string, leaves: readonly Leaf[], nouns: NounDraft, remarks: Remarks): string {
  const monitor = leaves.find(({ health }) => health.monitor !== undefined)?.health.monitor;
  const members = new Map<string, number>();
  for (const leaf of leaves) {
    const own = leaf.health.monitor;
    if (own !== undefined && generic(own.input) !== generic(monitor!.input)) {
      const message = `its check ${own.wanted} is not that of other records in the same pool, which has one: ${monitor!.wanted}`;
      remarks.changed(leaf.place, message, [own.input, monitor!.input]);
    }
    const target = nouns.add('targets', addressText(leaf.address), targetOf(leaf, monitor?.input));
    members.set(target, (members.get(target) ?? 0) + leaf.weight);
  }
  const equal = new Set(members.values()).size === 1;
  return nouns.add('pools', wanted, {
    ...(monitor && { monitor: nouns.add('monitors', monitor.wanted, monitor.input) }),
    members: [...members].map(([target, weight]) => ({ target, ...(!equal && { weight }) })),
  });
}

function targetOf({ address, health, at, site }: Leaf, monitor: MonitorInput | undefined): TargetInput {
  const status = health.status ?? (monitor !== undefined && health.monitor === undefined ? 'up' : undefined);
  const check = {
    ...(health.endpoint !== undefined &&
      !isChecked(address, health.endpoint) && { address: health.endpoint }),
    ...differences(health.monitor?.input, monitor),
  };
  return {
    ...address,
    ...(at !== undefined && { at: [at[0], at[1]] as [number, number] }),
    ...(site !== undefined && { site }),
    ...(status !== undefined && { status }),
    ...(Object.keys(check).length > 0 && { check }),
  };
}

/** Whether a target is probed at the endpoint without being told to. */
function isChecked(address: Leaf['address'], endpoint: string): boolean {
  if ('cname' in address) return withoutDot(address.cname) === withoutDot(endpoint);
  const { a, aaaa } = address;
  return aaaa === undefined ? a === endpoint : a === undefined && aaaa === endpoint;
}

/** Host and port in which the check of a target differs from the monitor of its pool. */
function differences(
  own: MonitorInput | undefined,
  monitor: MonitorInput | undefined,
): { host?: string; port?: number } {
  if (own === undefined || monitor === undefined) return {};
  if (own.type === 'http' && monitor.type === 'http') {
    const port = portOf(own);
    return {
      ...(own.url.host !== monitor.url.host && { host: own.url.host }),
      ...(port !== portOf(monitor) && { port }),
    };
  }
  return own.type === 'tcp' && monitor.type === 'tcp' && own.port !== monitor.port ? { port: own.port } : {};
}

function portOf({ url }: Extract<MonitorInput, { type: 'http' }>): number {
  return url.port ?? (url.scheme === 'https' ? 443 : 80);
}

/** A monitor without what a target can say itself. */
function generic(monitor: MonitorInput): string {
  if (monitor.type === 'http') {
    const { scheme, path } = monitor.url;
    return JSON.stringify({ ...monitor, url: { scheme, path } });
  }
  return JSON.stringify(monitor.type === 'tcp' ? { ...monitor, port: 0 } : monitor);
}

/** Of two families the IPv4 address. */
export function addressText(address: Leaf['address']): string {
  return 'cname' in address ? address.cname : (address.a ?? address.aaaa!);
}

function withoutDot(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
