/**
 * What is published of host names: the addresses that the store holds at their aliases and for their targets. A leader
 * that has not resolved a name itself goes by it, so that a change of leaders empties nothing. Pure.
 */
import { recordSetField } from '@signpost/contracts/keys';
import type { RecordSet } from '@signpost/contracts/record-set';
import type { StoredRecords } from '@signpost/contracts/record-store';
import { canonicalHost } from '@signpost/policy/address-answers';
import type { ResolvedName, ResolvedNames } from '@signpost/policy/resolved-names';

import type { Topology } from '../topology/topology.ts';

/** Reads the store's content when it is first asked for something. */
export function publishedNames(
  topology: Pick<Topology, 'zones' | 'watched'>,
  records: StoredRecords | undefined,
): ResolvedNames {
  let names: ReadonlyMap<string, ResolvedName> | undefined;
  return (host) => {
    if (records === undefined) return undefined;
    names ??= readNames(topology, records);
    return names.get(host);
  };
}

function readNames(
  { zones, watched }: Pick<Topology, 'zones' | 'watched'>,
  records: StoredRecords,
): ReadonlyMap<string, ResolvedName> {
  const found = new Names();
  for (const [apex, plan] of zones) {
    const stored = records.zones.get(apex)?.recordSets;
    if (stored === undefined) continue;
    for (const { owner, host } of plan.hosts) {
      for (const type of TYPES) found.addStatic(host, type, stored.get(recordSetField(owner, type)));
    }
    for (const { owner, flatten } of plan.steered) {
      if (flatten !== true) continue;
      for (const type of TYPES) {
        const set = stored.get(recordSetField(owner, type));
        if (set?.kind === 'steered') found.addTargets(type, set, watched.targets);
      }
    }
  }
  return found.names();
}

const TYPES = ['A', 'AAAA'] as const;
type AddressType = (typeof TYPES)[number];

class Names {
  readonly #found = new Map<string, { a: Set<string>; aaaa: Set<string>; ttl: number }>();

  addStatic(host: string, type: AddressType, set: RecordSet | undefined): void {
    if (set?.kind === 'static') this.#add(host, type, set.rdata, set.ttl);
  }

  addTargets(
    type: AddressType,
    { groups, ttl }: Extract<RecordSet, { kind: 'steered' }>,
    targets: Topology['watched']['targets'],
  ): void {
    for (const { answers, type: groupType } of groups) {
      if (groupType !== type) continue;
      for (const { target, rdata } of answers) {
        const host = targets[target]?.cname;
        if (host !== undefined) this.#add(canonicalHost(host), type, [rdata], ttl);
      }
    }
  }

  names(): ReadonlyMap<string, ResolvedName> {
    return new Map(
      [...this.#found].map(([host, { a, aaaa, ttl }]) => [
        host,
        { a: [...a].toSorted(), aaaa: [...aaaa].toSorted(), ttl },
      ]),
    );
  }

  #add(host: string, type: AddressType, addresses: readonly string[], ttl: number): void {
    const known = this.#found.get(host) ?? { a: new Set(), aaaa: new Set(), ttl };
    this.#found.set(host, known);
    known.ttl = Math.max(known.ttl, ttl);
    for (const address of addresses) known[type === 'A' ? 'a' : 'aaaa'].add(address);
  }
}
