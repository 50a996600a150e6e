/** Writes compiled groups into the zone, owner by owner: values, steered records, and what stands for an alias of a host. */
import { absoluteHost } from '../canonical-names.ts';
import { type Compiler, type CompiledPolicy, RESOURCE_TTL } from './compiled-group.ts';
import { readApexRecord } from './read-apex.ts';
import type { RecordGroup } from './record-groups.ts';

export function emitRecords(compiler: Compiler): void {
  const groups = [...new Set(compiler.zone.groups.values())];
  for (const own of Map.groupBy(groups, ({ owner }) => owner).values()) {
    const hosts: HostAlias[] = [];
    for (const group of own) {
      remarkTrafficPolicies(group, compiler);
      if (readApexRecord(group, compiler)) continue;
      const compiled = compiler.compile(group);
      if (compiled === undefined) continue;
      if (compiled.kind === 'values') emitValues(group, compiled, compiler);
      else if (compiled.kind === 'policy') emitPolicy(group, compiled, compiler);
      else hosts.push({ group, host: absoluteHost(compiled.host) });
    }
    emitHosts(hosts, hosts.length === own.length, compiler);
  }
}

interface HostAlias {
  readonly group: RecordGroup;
  readonly host: string;
}

function emitValues(
  { owner, types, records }: RecordGroup,
  {
    ttl,
    values,
  }: { readonly ttl: number | undefined; readonly values: ReadonlyMap<string, readonly string[]> },
  { zone }: Compiler,
): void {
  const [type] = types;
  const own = values.get(type!) ?? [];
  const place = records[0]!.placeOf();
  if (own.length === 0) zone.remarks.lost(place, 'it has no value');
  else if (type === 'SPF') {
    zone.remarks.changed(place, 'SPF became TXT (RFC 7208 section 3.1)');
    zone.draft.addStatic(owner, 'TXT', ttl, own, place);
  } else zone.draft.addStatic(owner, type!, ttl, own, place);
}

function emitPolicy(
  { owner, types, records }: RecordGroup,
  { policy, ttl, leaves }: CompiledPolicy,
  { zone }: Compiler,
): void {
  const hosts = leaves.some(({ address }) => 'cname' in address);
  const isFamily = types.length === 1 && types[0] !== 'CNAME';
  if (hosts && isFamily) {
    const message = `host names are answered as CNAME to questions for every type, not for ${types[0]} alone`;
    zone.remarks.changed(records[0]!.placeOf('Type'), message);
  }
  const steered = isFamily ? { types: types as ('A' | 'AAAA')[] } : {};
  zone.draft.addSteered(owner, { steer: policy, ...steered, ttl }, records[0]!.placeOf());
}

/** A CNAME where nothing else stands and it may stand; else an alias that the controller resolves. */
function emitHosts(hosts: readonly HostAlias[], isAlone: boolean, { zone }: Compiler): void {
  const [first] = hosts;
  if (first === undefined) return;
  const asCname = isAlone && first.group.owner !== '@' && hosts.every(({ host }) => host === first.host);
  for (const [index, { group, host }] of hosts.entries()) {
    const { set, placeOf } = group.records[0]!;
    const place = placeOf('AliasTarget');
    const what = `alias of ${host} (zone ${set.AliasTarget?.HostedZoneId})`;
    if (host !== first.host) {
      zone.remarks.lost(place, `${what}: a name is an alias of one host here, ${first.host}`);
    } else if (asCname) {
      zone.remarks.changed(place, `${what} became a CNAME, which is for all types`);
    } else {
      zone.remarks.changed(
        place,
        `${what} became one that the controller resolves on a timer, for A and AAAA`,
      );
    }
    if (index > 0) continue;
    if (asCname) zone.draft.addStatic(group.owner, 'CNAME', RESOURCE_TTL, [host], place);
    else zone.draft.addSteered(group.owner, { alias: host }, place);
  }
}

function remarkTrafficPolicies({ records }: RecordGroup, { zone }: Compiler): void {
  for (const { byType } of records) {
    for (const { value, placeOf } of byType.values()) {
      if (value.TrafficPolicyInstanceId === undefined) continue;
      const message = `made by traffic policy instance ${value.TrafficPolicyInstanceId}; imported as the record that it made`;
      zone.remarks.lost(placeOf('TrafficPolicyInstanceId'), message);
    }
  }
}
