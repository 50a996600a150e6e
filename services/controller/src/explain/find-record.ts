/**
 * Where a name leads in the compiled zones: RFC 1034 section 4.3.2 without the wire, for explanations. Pure.
 * The authority has a fast one of its own; this one must stay obvious.
 */
import type { RecordSet } from '@signpost/contracts/record-set';
import { parseRecordSetField } from '@signpost/contracts/keys';

import type { CompiledZone } from '../compile/compile-zone.ts';

export type FoundRecord =
  | {
      readonly kind: 'found';
      readonly zone: string;
      readonly owner: string;
      readonly sets: ReadonlyMap<string, RecordSet>;
    }
  /** The name exists, because names below it do, but holds nothing. */
  | { readonly kind: 'nodata'; readonly zone: string }
  | { readonly kind: 'nxdomain'; readonly zone: string }
  | { readonly kind: 'refused' };

/** `name` in canonical text. */
export function findRecord(
  zones: ReadonlyMap<string, Pick<CompiledZone, 'recordSets'>>,
  name: string,
): FoundRecord {
  const zone = ancestors(name).find((apex) => zones.has(apex));
  if (zone === undefined) return { kind: 'refused' };
  const owners = setsByOwner(zones.get(zone)!.recordSets);
  const own = owners.get(name);
  if (own !== undefined) return { kind: 'found', zone, owner: name, sets: own };
  if (exists(owners, name)) return { kind: 'nodata', zone };
  // RFC 4592: the wildcard below the closest encloser, and no other.
  const encloser = ancestors(name)
    .slice(1)
    .find((ancestor) => ancestor === zone || exists(owners, ancestor))!;
  const wildcard = encloser === '.' ? '*' : `*.${encloser}`;
  const synthesised = owners.get(wildcard);
  if (synthesised !== undefined) return { kind: 'found', zone, owner: wildcard, sets: synthesised };
  return { kind: 'nxdomain', zone };
}

/** The name itself, then each one above it, up to the root. */
function ancestors(name: string): string[] {
  const names = [name];
  let rest = name;
  while (rest !== '.') {
    const dot = unescapedDot(rest);
    rest = dot < 0 ? '.' : rest.slice(dot + 1);
    names.push(rest);
  }
  return names;
}

function unescapedDot(name: string): number {
  for (let at = 0; at < name.length; at += 1) {
    if (name[at] === '\\') at += 1;
    else if (name[at] === '.') return at;
  }
  return -1;
}

function setsByOwner(recordSets: ReadonlyMap<string, RecordSet>): Map<string, Map<string, RecordSet>> {
  const owners = new Map<string, Map<string, RecordSet>>();
  for (const [field, set] of recordSets) {
    const { owner, type } = parseRecordSetField(field);
    const sets = owners.get(owner) ?? new Map<string, RecordSet>();
    owners.set(owner, sets);
    sets.set(type, set);
  }
  return owners;
}

function exists(owners: ReadonlyMap<string, unknown>, name: string): boolean {
  if (owners.has(name)) return true;
  const below = `.${name}`;
  return [...owners.keys()].some((owner) => owner.endsWith(below));
}
