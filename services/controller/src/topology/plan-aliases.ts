/**
 * Aliases of all zones, once each zone is planned: the sets of a steered record under another owner, a copy of static
 * addresses, or a host elsewhere that is to be resolved. Pure; the configuration was checked.
 */
import { type AliasEnd, aliasIndex, followAlias } from '@signpost/config/follow-alias';
import { partsOf } from '@signpost/config/readable-parts';
import type { Configuration } from '@signpost/contracts/configuration';
import { recordSetField } from '@signpost/contracts/keys';
import type { StaticRecordSet } from '@signpost/contracts/record-set';
import { formatName, parseName } from '@signpost/dns/name-text';

import { ownerName, planSteered, type SteeredRecord, type ZonePlan } from './plan-zone.ts';

export function planAliases(
  plans: ReadonlyMap<string, ZonePlan>,
  configuration: Configuration,
): ReadonlyMap<string, ZonePlan> {
  const written = Object.entries(configuration.zones).flatMap(([zone, { records }]) =>
    Object.entries(records).flatMap(([name, content]) =>
      (Array.isArray(content) ? content : [content]).flatMap((record) =>
        'alias' in record ? [{ zone: formatName(parseName(zone)), name, record }] : [],
      ),
    ),
  );
  if (written.length === 0) return plans;
  const index = aliasIndex(partsOf(configuration).zones);
  const planned = new Map(plans);
  for (const { zone, name, record } of written) {
    const owner = ownerName(name, zone);
    const end = followAlias(index, parseName(zone), owner, record.alias);
    planned.set(
      zone,
      withAlias(planned.get(zone)!, { owner, ttl: record.ttl }, end, plans, configuration.defaults),
    );
  }
  return planned;
}

function withAlias(
  plan: ZonePlan,
  { owner, ttl }: { readonly owner: string; readonly ttl: number },
  end: AliasEnd,
  plans: ReadonlyMap<string, ZonePlan>,
  defaults: Configuration['defaults'],
): ZonePlan {
  switch (end.kind) {
    case 'steered': {
      const record = aliasOf(planSteered(end.owner, end.record, defaults, true), owner, plan);
      return { ...plan, steered: [...plan.steered, record] };
    }
    case 'static':
      return {
        ...plan,
        statics: new Map([...plan.statics, ...copied(plans.get(end.zone), end.owner, owner, ttl)]),
      };
    case 'elsewhere':
      return { ...plan, hosts: [...plan.hosts, { owner, host: end.host, ttl }] };
    case 'missing':
    case 'loop':
    case 'malformed':
      throw new TypeError(`unchecked configuration: the alias at ${owner} leads nowhere`);
    default:
      throw new TypeError(`unhandled end ${JSON.stringify(end satisfies never)}`);
  }
}

const ALIASED_TYPES: readonly SteeredRecord['types'][number][] = ['A', 'AAAA', 'HTTPS', 'SVCB'];

/**
 * Names of pools and targets stay those below the record that it stands for. HTTPS and SVCB records that are written
 * at the alias itself go before those.
 */
function aliasOf(
  { affinityNames: _names, ...record }: SteeredRecord,
  owner: string,
  plan: ZonePlan,
): SteeredRecord {
  const isWritten = (type: SteeredRecord['types'][number]) =>
    plan.statics.has(recordSetField(owner, type)) ||
    plan.steered.some((other) => other.owner === owner && other.types.includes(type));
  const types = record.types.filter((type) => ALIASED_TYPES.includes(type) && !isWritten(type));
  return { ...record, owner, types, seed: record.owner };
}

function copied(
  plan: ZonePlan | undefined,
  from: string,
  to: string,
  ttl: number,
): readonly (readonly [string, StaticRecordSet])[] {
  return ['A', 'AAAA'].flatMap((type) => {
    const set = plan?.statics.get(recordSetField(from, type));
    if (set === undefined) return [];
    return [[recordSetField(to, type), { ...set, ttl: Math.min(set.ttl, ttl) }] as const];
  });
}
