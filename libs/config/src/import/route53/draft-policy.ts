/** The policy of a group of records, by how Route 53 chooses among them. */
import type { CompiledPolicy } from './compiled-group.ts';
import { cidrRules } from './cidr-rules.ts';
import { geolocationRules } from './geolocation-rules.ts';
import { addPool, shareMonitor } from './pool-of-leaves.ts';
import type { PolicyEntry } from './policy-entries.ts';
import type { RecordGroup } from './record-groups.ts';
import type { Route53Zone } from './route53-zone.ts';
import type { StageInput } from './rule-input.ts';
import { arePool, type Draft, poolOf, valuesIn, weightedDraft } from './weighted-draft.ts';

/** Values in a multivalue answer at most. */
const MOST_VALUES = 8;

export function draftPolicy(
  group: RecordGroup,
  entries: readonly PolicyEntry[],
  base: string,
  zone: Route53Zone,
): CompiledPolicy | undefined {
  const draft = draftOf(group, entries, base, zone);
  if (draft.rules.every((rule) => rule.try.length === 0)) return undefined;
  const select = draft.leaves.every(({ address }) => 'cname' in address) ? 1 : draft.select;
  const policy = zone.nouns.add('policies', base, {
    rules: draft.rules,
    ...(select > 1 && { within: { select } }),
    all_down: 'fail_open',
  });
  return {
    kind: 'policy',
    policy,
    ttl: lowestTtl(entries, zone),
    leaves: draft.leaves,
    isPool: draft.isPool,
    select,
  };
}

function draftOf(
  group: RecordGroup,
  entries: readonly PolicyEntry[],
  base: string,
  zone: Route53Zone,
): Draft {
  const pool = (entry: PolicyEntry) => poolOf(entry, base, zone);
  const stage = (entry: PolicyEntry): StageInput =>
    entry.nested === undefined ? pool(entry) : { policy: entry.nested.policy };
  const leaves = entries.flatMap((entry) => entry.leaves);
  const select = Math.max(...entries.map(valuesIn));
  const rest = { leaves, isPool: false, select };
  switch (group.routing) {
    case 'weighted':
      return weightedDraft(entries, base, zone);
    case 'failover':
      return failover(entries, stage);
    case 'multivalue': {
      const all = addPool(base, leaves, zone.nouns, zone.remarks);
      return { rules: [{ try: [all] }], leaves, isPool: true, select: Math.min(MOST_VALUES, leaves.length) };
    }
    case 'latency': {
      const [first] = entries;
      const message =
        'Route 53 goes by latencies that AWS measured; here it is round trips that were pushed, and distance until then';
      zone.remarks.changed(first!.record.placeOf('Region'), message);
      return { ...rest, rules: [{ try: [{ fastest: distinct(entries.map(pool)), slack: '0ms' }] }] };
    }
    case 'geoproximity':
      return { ...rest, rules: [{ try: nearest(entries, pool) }] };
    case 'geolocation':
      return { ...rest, rules: geolocationRules(entries, stage, zone.remarks) };
    case 'cidr':
      return { ...rest, rules: cidrRules(entries, stage, zone) };
    default:
      throw new TypeError(`no policy chooses among records that are ${group.routing}`);
  }
}

function failover(entries: readonly PolicyEntry[], stage: (entry: PolicyEntry) => StageInput): Draft {
  const ordered = entries.toSorted((a, b) => order(a) - order(b));
  const primary = new Set(ordered[0]!.leaves);
  const leaves = ordered.flatMap((entry) =>
    entry.leaves.map((leaf) => ({ ...leaf, weight: primary.has(leaf) ? Math.max(1, leaf.weight) : 0 })),
  );
  const isPool = arePool(entries) && shareMonitor(leaves);
  return {
    rules: [{ try: distinct(ordered.map(stage)) }],
    leaves,
    isPool,
    select: Math.max(...entries.map(valuesIn)),
  };
}

/** Those whose place is not known cannot be the nearest; they come behind. */
function nearest(entries: readonly PolicyEntry[], pool: (entry: PolicyEntry) => string): StageInput[] {
  const placed = entries.filter(({ leaves }) => leaves.some(({ at }) => at !== undefined));
  const bias: Record<string, number> = {};
  const pools = placed.map((entry) => {
    const name = pool(entry);
    const own = entry.record.set.GeoProximityLocation?.Bias ?? 0;
    if (own !== 0) bias[name] = own;
    return name;
  });
  const behind = entries.filter((entry) => !placed.includes(entry)).map(pool);
  const stage = { nearest: distinct(pools), ...(Object.keys(bias).length > 0 && { bias }) };
  return [...(pools.length > 0 ? [stage] : []), ...behind];
}

function lowestTtl(entries: readonly PolicyEntry[], { remarks }: Route53Zone): number {
  const ttls = [...new Set(entries.map(({ ttl }) => ttl))].toSorted((a, b) => a - b);
  if (ttls.length > 1) {
    const written = entries.map(({ ttl, record }) => `${record.set.SetIdentifier}: ${ttl}`).join(', ');
    remarks.changed(entries[0]!.place, `TTLs differ (${written}); all answers get ${ttls[0]}`);
  }
  return ttls[0]!;
}

function order({ record }: PolicyEntry): number {
  return record.set.Failover === 'PRIMARY' ? 0 : 1;
}

function distinct<Stage>(stages: readonly Stage[]): Stage[] {
  const byText = new Map(stages.map((stage) => [JSON.stringify(stage), stage]));
  return [...byText.values()];
}
