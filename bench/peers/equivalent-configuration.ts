/** The workload as a configuration of ours, compiled by the controller's own code into what it would publish. Pure. */
import { type Configuration, configurationSchema } from '@signpost/contracts/configuration';
import type { Generation } from '@signpost/contracts/brands';
import { NO_GENERATION } from '@signpost/contracts/brands';
import type { Publication } from '@signpost/contracts/publication';
import { compileZones } from '@signpost/controller/compile/compile-zone';
import { diffZones } from '@signpost/controller/compile/diff-zone';
import { splitPublication } from '@signpost/controller/compile/split-publication';
import { buildTopology } from '@signpost/controller/topology/topology';
import { NOT_MONITORED } from '@signpost/policy/health-view';

import { addressesOf, apexOf, type Kind, KINDS, NAMES, ownerOf, REGIONS, TTL, WEIGHTS } from './workload.ts';

/** Publications of the whole, for an empty store. */
export function publicationsOfWorkload(nowMs: number): readonly Publication[] {
  const compiled = compileZones(buildTopology(equivalentConfiguration()), () => NOT_MONITORED, { nowMs });
  const diffs = diffZones(new Map(), compiled, { wallMs: nowMs, serials: new Map() });
  const base: Generation = NO_GENERATION;
  return splitPublication(diffs, { base, newest: base, atMs: nowMs, why: ['a bench'] });
}

function equivalentConfiguration(): Configuration {
  const places = KINDS.flatMap((kind) => REGIONS.map((region) => ({ kind, region })));
  const pools = places.map(({ kind, region }) => [poolOf(kind, region), pool(kind, region)] as const);
  const targets = REGIONS.flatMap((region) =>
    addressesOf(region).map((a, i) => [targetOf(region, i), { a }] as const),
  );
  return configurationSchema.parse({
    apiVersion: 'signpost/v1',
    defaults: { ttl: { stable: TTL, suspect: TTL, floor: TTL } },
    targets: Object.fromEntries(targets),
    pools: Object.fromEntries(pools),
    policies: Object.fromEntries(KINDS.map((kind) => [kind, policy(kind)])),
    zones: Object.fromEntries(KINDS.map((kind) => [apexOf(kind), zone(kind)])),
  });
}

const poolOf = (kind: Kind, region: string): string => `${kind}-${region.toLowerCase()}`;
const targetOf = (region: string, i: number): string => `${region.toLowerCase()}-${i}`;

function pool(kind: Kind, region: (typeof REGIONS)[number]) {
  const members = WEIGHTS.map((weight, i) => ({ target: targetOf(region, i), weight }));
  return { members: kind === 'plain' ? members.slice(0, 1) : members };
}

function policy(kind: Kind) {
  const rules = REGIONS.map((region) => ({
    ...(region === 'rest' ? {} : { when: { geos: [region] } }),
    try: [poolOf(kind, region)],
  }));
  return { rules };
}

function zone(kind: Kind) {
  const apex = apexOf(kind);
  const steered = Array.from(
    { length: NAMES },
    (_, i) => [ownerOf(i), { steer: kind, types: ['A'] }] as const,
  );
  return {
    soa: { primary: `ns1.${apex}.`, contact: `dns.${apex}.` },
    ns: [`ns1.${apex}.`],
    records: { ns1: { type: 'A', value: '192.0.2.53' }, ...Object.fromEntries(steered) },
  };
}
