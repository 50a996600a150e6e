/** Pools of a dynamic record, each value a target; with two families each target has an address of both. */
import type { TargetConfiguration } from '@signpost/contracts/configuration';

import { canonicalRdata } from '../static-values.ts';
import { toAsciiHost } from './ascii-names.ts';
import type { OctodnsEntry, OctodnsZone } from './octodns-entry.ts';

export interface Families {
  /** What nouns are called after. */
  readonly base: string;
  /** Absent: nothing is checked. */
  readonly monitor: string | undefined;
  /** One record, or A and AAAA of the same structure. */
  readonly entries: readonly OctodnsEntry[];
}

type Address = Pick<TargetConfiguration, 'a' | 'aaaa' | 'cname'>;

/** Names of pools by what the record calls them; those without a good value are not among them. */
export function addPools(
  { base, monitor, entries }: Families,
  zone: OctodnsZone,
): ReadonlyMap<string, string> {
  const [first] = entries;
  const names = new Map<string, string>();
  for (const [pool, { values }] of Object.entries(first!.record.dynamic!.pools)) {
    const members = new Map<string, number>();
    for (const [index, { weight = 1, status = 'obey' }] of values.entries()) {
      const parts = entries.map((entry) => valueAt(entry, pool, index, zone));
      if (parts.every((part) => part === undefined)) continue;
      const target = addTarget(
        parts.map((part) => part ?? {}),
        status === 'obey' ? {} : { status },
        zone,
      );
      members.set(target, (members.get(target) ?? 0) + (values.length === 1 ? 1 : weight));
    }
    if (members.size === 0) continue;
    const written = [...members].map(([target, weight]) => ({ target, ...(weight !== 1 && { weight }) }));
    names.set(
      pool,
      zone.nouns.add('pools', `${base}-${pool}`, { ...(monitor && { monitor }), members: written }),
    );
    remarkWeight(first!, pool, zone);
  }
  return names;
}

export function addTarget(
  parts: readonly Address[],
  more: Partial<Pick<TargetConfiguration, 'status'>>,
  { nouns }: OctodnsZone,
): string {
  const address: Address = Object.assign({}, ...parts);
  return nouns.add('targets', address.a ?? address.aaaa ?? address.cname!, { ...address, ...more });
}

export function addressOf(type: string, value: string | undefined): Address {
  if (value === undefined) return {};
  if (type === 'CNAME') return { cname: value };
  return type === 'A' ? { a: value } : { aaaa: value };
}

function valueAt(
  { record, placeOf }: OctodnsEntry,
  pool: string,
  index: number,
  zone: OctodnsZone,
): Address | undefined {
  const { value } = record.dynamic!.pools[pool]!.values[index]!;
  const { rdata, problem } = canonicalRdata(record.type, toAsciiHost(value));
  if (problem === undefined) return addressOf(record.type, rdata);
  zone.remarks.lost(placeOf('dynamic', 'pools', pool, 'values', index, 'value'), problem);
  return undefined;
}

function remarkWeight({ record, placeOf }: OctodnsEntry, pool: string, { remarks }: OctodnsZone): void {
  const { values } = record.dynamic!.pools[pool]!;
  const [only] = values;
  if (values.length > 1 || only?.weight === undefined || only.weight === 1) return;
  const message = `weight ${only.weight} of the only value of a pool means nothing, and became 1`;
  remarks.changed(placeOf('dynamic', 'pools', pool, 'values', 0, 'weight'), message);
}
