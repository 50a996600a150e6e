/**
 * Record sets of aliases that lead to hosts elsewhere: the addresses that were found, as static records. A host of
 * which nothing is known, or which has no address of a family, has no set of it. Pure.
 */
import { recordSetField } from '@signpost/contracts/keys';
import type { StaticRecordSet } from '@signpost/contracts/record-set';
import type { ResolvedNames } from '@signpost/policy/resolved-names';

import type { HostAlias } from '../topology/plan-zone.ts';

/** By `owner|TYPE`. */
export function hostRecordSets(
  hosts: readonly HostAlias[],
  resolved: ResolvedNames,
): readonly (readonly [string, StaticRecordSet])[] {
  return hosts.flatMap(({ owner, host, ttl }) => {
    const found = resolved(host);
    if (found === undefined) return [];
    const set = (rdata: readonly string[]): StaticRecordSet => ({
      kind: 'static',
      ttl: Math.min(found.ttl, ttl),
      rdata: [...rdata],
    });
    return [
      ...(found.a.length === 0 ? [] : [[recordSetField(owner, 'A'), set(found.a)] as const]),
      ...(found.aaaa.length === 0 ? [] : [[recordSetField(owner, 'AAAA'), set(found.aaaa)] as const]),
    ];
  });
}
