/** Records of a group as what a policy chooses from: addresses and hosts, or the policy of another name. */
import type { SourcePlace } from '../remark.ts';

import { absoluteHost } from '../canonical-names.ts';
import { type CompiledPolicy, type Compiler, RESOURCE_TTL } from './compiled-group.ts';
import { fromOctalEscapes } from './escaped-text.ts';
import { placeOfRecord } from './record-place.ts';
import { addressText, type Leaf } from './pool-of-leaves.ts';
import { type GroupRecord, ownerOfHost, type RecordGroup, routingOf } from './record-groups.ts';

export interface PolicyEntry {
  readonly record: GroupRecord;
  readonly place: SourcePlace;
  /** All it leads to. */
  readonly leaves: readonly Leaf[];
  /** What it is an alias of, where that is chosen by a policy. */
  readonly nested: CompiledPolicy | undefined;
  readonly ttl: number;
}

/** Records that lead to nothing are remarked and left out. */
export function entriesOf(group: RecordGroup, compiler: Compiler): readonly PolicyEntry[] {
  return group.records.flatMap((record) => {
    if (routingOf(record.set) === group.routing) return entryOf(record, group, compiler) ?? [];
    const message = `it is not chosen as the others of its name are, by ${group.routing}`;
    compiler.zone.remarks.lost(record.placeOf(), message, record.set);
    return [];
  });
}

function entryOf(record: GroupRecord, group: RecordGroup, compiler: Compiler): PolicyEntry | undefined {
  const { remarks, health } = compiler.zone;
  const { set, placeOf } = record;
  const where = placeOfRecord(record, remarks);
  const place = placeOf();
  const own = health.healthOf(set.HealthCheckId, placeOf('HealthCheckId'));
  const leaf = (address: Leaf['address']): Leaf => {
    const known = compiler.zone.places.get(addressText(address));
    return { address, health: own, place, weight: 1, ...known, ...where };
  };
  const alias = set.AliasTarget;
  if (alias === undefined) {
    const leaves = addressesOf(record, compiler).map(leaf);
    if (leaves.length === 0) return undefined;
    return { record, place, leaves, nested: undefined, ttl: set.TTL ?? RESOURCE_TTL };
  }
  const target = compiler.groupAt(alias.DNSName, group.types[0]!);
  if (target === undefined) {
    if (ownerOfHost(alias.DNSName, compiler.zone.draft.apex) !== undefined) {
      remarks.lost(
        placeOf('AliasTarget'),
        `there is no record ${alias.DNSName} (zone ${alias.HostedZoneId})`,
        set,
      );
      return undefined;
    }
    remarkResource(record, compiler);
    const cname = absoluteHost(fromOctalEscapes(alias.DNSName)).toLowerCase();
    return { record, place, leaves: [leaf({ cname })], nested: undefined, ttl: RESOURCE_TTL };
  }
  const compiled = compiler.compile(target);
  if (compiled === undefined) {
    remarks.lost(placeOf('AliasTarget'), `nothing was imported of ${alias.DNSName}`, set);
    return undefined;
  }
  if (compiled.kind === 'host') {
    const cname = absoluteHost(compiled.host);
    return { record, place, leaves: [leaf({ cname })], nested: undefined, ttl: RESOURCE_TTL };
  }
  if (compiled.kind === 'values') {
    const types = group.types.map((type) => [type, valuesAt(alias.DNSName, type, compiler)] as const);
    const leaves = paired(new Map(types)).map(leaf);
    if (leaves.length === 0) return undefined;
    return { record, place, leaves, nested: undefined, ttl: compiled.ttl ?? RESOURCE_TTL };
  }
  if (set.HealthCheckId !== undefined) {
    remarks.lost(
      placeOf('HealthCheckId'),
      `${set.HealthCheckId}: the health of an alias of a policy is that of its targets`,
    );
  }
  if (!alias.EvaluateTargetHealth) {
    const message =
      'EvaluateTargetHealth is false, so it counts as healthy always; here it is as healthy as its targets';
    remarks.changed(placeOf('AliasTarget', 'EvaluateTargetHealth'), message);
  }
  const leaves = compiled.leaves.map((each) => ({ ...each, ...where }));
  return { record, place, leaves, nested: compiled, ttl: compiled.ttl };
}

function remarkResource({ set, placeOf }: GroupRecord, { zone: { remarks } }: Compiler): void {
  const alias = set.AliasTarget!;
  const checked = set.HealthCheckId === undefined && alias.EvaluateTargetHealth;
  const health = checked ? '; its health, which AWS knows, is not known here, and it counts as up' : '';
  const message = `alias of ${alias.DNSName} (zone ${alias.HostedZoneId}) became a host name${health}`;
  remarks.changed(placeOf('AliasTarget'), message);
}

function addressesOf(record: GroupRecord, compiler: Compiler): Leaf['address'][] {
  return paired(new Map([...record.byType].map(([type, set]) => [type, compiler.valuesOf(set)])));
}

function valuesAt(host: string, type: string, compiler: Compiler): readonly string[] {
  const group = compiler.groupAt(host, type);
  const compiled = group === undefined ? undefined : compiler.compile(group);
  return compiled?.kind === 'values' ? (compiled.values.get(type) ?? []) : [];
}

/** The first A with the first AAAA, and so on. */
function paired(values: ReadonlyMap<string, readonly string[]>): Leaf['address'][] {
  const hosts = values.get('CNAME');
  if (hosts !== undefined) return hosts.map((cname) => ({ cname: cname.toLowerCase() }));
  const { A: a = [], AAAA: aaaa = [] } = Object.fromEntries(values) as Record<string, readonly string[]>;
  return Array.from({ length: Math.max(a.length, aaaa.length) }, (_, index) => ({
    ...(a[index] !== undefined && { a: a[index] }),
    ...(aaaa[index] !== undefined && { aaaa: aaaa[index] }),
  }));
}
