/** Weighted records as one pool where that is the same, else as a choice among pools; and the pools of single records. */
import { addPool, type Leaf, shareMonitor } from './pool-of-leaves.ts';
import type { PolicyEntry } from './policy-entries.ts';
import type { Route53Zone } from './route53-zone.ts';
import type { RuleInput } from './rule-input.ts';

/** Rules, and all they lead to. */
export interface Draft {
  readonly rules: RuleInput[];
  readonly leaves: readonly Leaf[];
  readonly isPool: boolean;
  readonly select: number;
}

/** One pool where every record is one target and they can share a monitor; else a pool for each, by weight. */
export function weightedDraft(entries: readonly PolicyEntry[], base: string, zone: Route53Zone): Draft {
  const written = entries.map(({ record }) => record.set.Weight ?? 0);
  // All 0 is all equal (as Route 53 has it).
  const weights = written.some((weight) => weight > 0) ? written : written.map(() => 1);
  const single = entries.map(({ leaves: [leaf] }, index) => ({ ...leaf!, weight: weights[index]! }));
  if (arePool(entries) && shareMonitor(single)) {
    const pool = addPool(base, single, zone.nouns, zone.remarks);
    return { rules: [{ try: [pool] }], leaves: single, isPool: true, select: 1 };
  }
  const byPool: Record<string, number> = {};
  for (const [index, entry] of entries.entries()) {
    const pool = poolOf(entry, base, zone);
    byPool[pool] = (byPool[pool] ?? 0) + weights[index]!;
  }
  zone.remarks.changed(
    entries[0]!.place,
    'clients are spread by these weights, each by its prefix, where Route 53 spreads queries',
  );
  const leaves = entries.flatMap((entry, index) => scaled(entry.leaves, weights[index]!));
  const select = Math.max(...entries.map(valuesIn));
  return { rules: [{ try: [{ weighted: byPool }] }], leaves, isPool: false, select };
}

export function poolOf(entry: PolicyEntry, base: string, { nouns, remarks }: Route53Zone): string {
  const { nested, record, leaves } = entry;
  if (nested !== undefined && !nested.isPool) {
    const message = `only pools can be chosen here, and policy ${nested.policy} is more than one; its targets became a pool without its rules`;
    remarks.changed(record.placeOf('AliasTarget', 'DNSName'), message);
  }
  return addPool(`${base}-${record.set.SetIdentifier ?? 'pool'}`, leaves, nouns, remarks);
}

/** Whether a pool with a target for each record would do. */
export function arePool(entries: readonly PolicyEntry[]): boolean {
  const kinds = new Set(entries.map(({ leaves: [leaf] }) => 'cname' in leaf!.address));
  return (
    kinds.size === 1 && entries.every(({ nested, leaves }) => nested === undefined && leaves.length === 1)
  );
}

/** Weights that add up to about a thousand times the weight of all of them. */
function scaled(leaves: readonly Leaf[], weight: number): readonly Leaf[] {
  const total = leaves.reduce((sum, leaf) => sum + leaf.weight, 0) || 1;
  return leaves.map((leaf) => ({ ...leaf, weight: Math.round((1_000 * weight * leaf.weight) / total) }));
}

/** Values that an answer with the record has. */
export function valuesIn({ nested, leaves }: PolicyEntry): number {
  return nested === undefined ? leaves.length : nested.select;
}
