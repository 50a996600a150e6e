/**
 * Finds a name in its zone as RFC 1034 4.3.2 step 3 says, with the wildcards of RFC 4592: a zone cut above it, the
 * name itself, the wildcard at its closest encloser, or nothing.
 *
 * Writes into a reused `Found`, allocates nothing, never throws. What the node holds for a type is not asked here.
 */
import { RRType } from '@signpost/dns/constants';

import type { NameNode, NameView, Zone } from '../replica/zone.ts';

export const FoundKind = {
  /** The name exists; `node` may be an empty non-terminal. */
  exact: 0,
  /** It does not, but `node` is the wildcard that speaks for it. */
  wildcard: 1,
  /** Nothing is there. */
  nxdomain: 2,
  /** `node` is a zone cut at or above the name; `label` says where. */
  delegation: 3,
  /** `node` is above the name and owns a DNAME; `label` says where. */
  dname: 4,
} as const;
export type FoundKind = (typeof FoundKind)[keyof typeof FoundKind];

export interface Found {
  kind: FoundKind;
  node: NameNode | undefined;
  /** Index of the name's label at which the name of the cut, or of the DNAME's owner, begins. */
  label: number;
}

export function createFound(): Found {
  return { kind: FoundKind.nxdomain, node: undefined, label: 0 };
}

/** `name` is at or below the apex. */
export function findName(zone: Zone, name: NameView, qtype: number, found: Found): void {
  if (zone.redirects > 0 && findRedirect(zone, name, qtype, found)) return;
  const { names } = zone;
  const { octets, length, labelCount, labelOffsets } = name;
  const apexLabel = labelCount - zone.apexLabels;
  // Nothing lies deeper than the deepest name, so a query of 127 labels costs no more look-ups than one of ours.
  for (let label = Math.max(0, labelCount - zone.mostLabels); label <= apexLabel; label += 1) {
    const start = label === labelCount ? length - 1 : labelOffsets[label]!;
    const node = names.find(octets, start, length);
    if (node === undefined) continue;
    if (label === 0) set(found, FoundKind.exact, node);
    else if (node.wildcard !== undefined) set(found, FoundKind.wildcard, node.wildcard);
    else set(found, FoundKind.nxdomain, undefined);
    return;
  }
  set(found, FoundKind.nxdomain, undefined);
}

/**
 * Walks down from the apex, since the topmost cut or DNAME hides all below. The DS of a cut is ours (RFC 4035
 * 3.1.4.1); a DNAME does not stand for its own owner (RFC 6672 2.3).
 */
function findRedirect(zone: Zone, name: NameView, qtype: number, found: Found): boolean {
  const { octets, length, labelOffsets, labelCount } = name;
  const lowestCut = qtype === RRType.DS ? 1 : 0;
  for (let label = labelCount - zone.apexLabels; label >= 0; label -= 1) {
    const start = label === labelCount ? length - 1 : labelOffsets[label]!;
    const node = zone.names.find(octets, start, length);
    if (node === undefined) return false; // nothing exists below a name that does not exist
    const isDelegation = node.isCut && label >= lowestCut;
    if (!isDelegation && (node.dname === undefined || label === 0)) continue;
    set(found, isDelegation ? FoundKind.delegation : FoundKind.dname, node);
    found.label = label;
    return true;
  }
  return false;
}

function set(found: Found, kind: FoundKind, node: NameNode | undefined): void {
  found.kind = kind;
  found.node = node;
}
