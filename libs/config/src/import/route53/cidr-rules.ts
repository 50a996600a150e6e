/** Locations of a CIDR collection as rules by subnet, the record for all others behind each of them. */
import { parsePrefix, prefixHolds, type Prefix } from '@signpost/dns/address';

import type { PolicyEntry } from './policy-entries.ts';
import type { Route53Zone } from './route53-zone.ts';
import type { RuleInput, StageInput } from './rule-input.ts';

const DEFAULT = '*';

interface Block {
  readonly text: string;
  readonly prefix: Prefix;
  readonly entry: PolicyEntry;
}

export function cidrRules(
  entries: readonly PolicyEntry[],
  stage: (entry: PolicyEntry) => StageInput,
  zone: Route53Zone,
): RuleInput[] {
  remarkCollections(entries, zone);
  const rest = entries.find((entry) => locationOf(entry) === DEFAULT);
  const behind = rest === undefined ? [] : [stage(rest)];
  const blocks = entries.filter((entry) => entry !== rest).flatMap((entry) => blocksOf(entry, zone));
  const rules = inOrder(blocks).map(({ entry, subnets }) => ({
    when: { subnets },
    try: [stage(entry), ...behind],
  }));
  return [...rules, { try: behind }];
}

function blocksOf(entry: PolicyEntry, { blocks, remarks }: Route53Zone): Block[] {
  const location = locationOf(entry);
  const own = blocks.get(location);
  if (own === undefined) {
    const message = `the blocks of location ${location} are in no file; add what "aws route53 list-cidr-blocks --collection-id ${entry.record.set.CidrRoutingConfig?.CollectionId}" prints`;
    remarks.lost(entry.record.placeOf('CidrRoutingConfig', 'LocationName'), message, entry.record.set);
    return [];
  }
  return own.flatMap(({ value: text, placeOf }) => {
    const prefix = parsePrefix(text);
    if (prefix.kind === 'prefix') return [{ text, prefix, entry }];
    remarks.lost(placeOf('CidrBlock'), `"${text}" is no subnet; ${prefix.remedy}`);
    return [];
  });
}

/** The longest match counts, and the first rule does here: by length where locations lie within each other. */
function inOrder(blocks: readonly Block[]): { readonly entry: PolicyEntry; readonly subnets: string[] }[] {
  const ordered = areNested(blocks) ? blocks.toSorted((a, b) => b.prefix.length - a.prefix.length) : blocks;
  const rules: { entry: PolicyEntry; subnets: string[] }[] = [];
  for (const { text, entry } of ordered) {
    const last = rules.at(-1);
    if (last?.entry === entry) last.subnets.push(text);
    else rules.push({ entry, subnets: [text] });
  }
  return rules;
}

function areNested(blocks: readonly Block[]): boolean {
  return blocks.some(({ prefix, entry }) =>
    blocks.some(
      (other) =>
        other.entry !== entry &&
        other.prefix.family === prefix.family &&
        other.prefix.length >= prefix.length &&
        prefixHolds(prefix, other.prefix.octets),
    ),
  );
}

function remarkCollections(entries: readonly PolicyEntry[], { remarks }: Route53Zone): void {
  const collections = new Set(entries.map(({ record }) => record.set.CidrRoutingConfig?.CollectionId));
  if (collections.size < 2) return;
  const message = `there are several collections (${[...collections].join(', ')}), and what list-cidr-blocks prints does not say of which it is; blocks were taken by location alone`;
  remarks.changed(entries[0]!.record.placeOf('CidrRoutingConfig', 'CollectionId'), message);
}

function locationOf({ record }: PolicyEntry): string {
  return record.set.CidrRoutingConfig?.LocationName ?? DEFAULT;
}
