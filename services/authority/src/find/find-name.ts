/**
 * Finds a name in its zone as RFC 1034 4.3.2 step 3 says, with the wildcards of RFC 4592: a zone cut above it, the
 * name itself, the wildcard at its closest encloser, or nothing.
 *
 * Writes into a reused `Found`, allocates nothing, never throws. What the node holds for a type is not asked here.
 */
import { RRType } from '@signpost/dns/constants';
import { startOfLabel } from '@signpost/dns/hashed-name';

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

/** A walk into which no step of a change falls is right; so many in a row that all meet one there are not. */
export const MOST_WALKS = 4;

/** `name` is at or below the apex. What rests on the absence of names is looked for again while names come and go. */
export function findName(zone: Zone, name: NameView, qtype: number, found: Found): void {
  for (let walks = 1; walks <= MOST_WALKS; walks += 1) {
    const { moves } = zone.names;
    walk(zone, name, qtype, found);
    if (found.kind === FoundKind.exact && zone.redirects === 0) return;
    if ((moves & 1) === 0 && moves === zone.names.moves) return;
  }
}

function walk(zone: Zone, name: NameView, qtype: number, found: Found): void {
  if (zone.redirects > 0 && findRedirect(zone, name, qtype, found)) return;
  const { names } = zone;
  const { octets, length, labelCount } = name;
  const apexLabel = labelCount - zone.apexLabels;
  // Nothing lies deeper than the deepest name, so a query of 127 labels costs no more look-ups than one of ours.
  for (let label = Math.max(0, labelCount - zone.mostLabels); label <= apexLabel; label += 1) {
    const node = names.find(octets, startOfLabel(name, label), length);
    if (node === undefined) continue;
    // A redirect that came a moment ago may have no names above it yet, by which it would have been found before.
    if (isRedirect(node, label, qtype)) redirect(found, node, label, qtype);
    else if (label === 0) set(found, FoundKind.exact, node);
    else {
      const wildcard = names.wildcardOf(node);
      set(found, wildcard === undefined ? FoundKind.nxdomain : FoundKind.wildcard, wildcard);
    }
    return;
  }
  set(found, FoundKind.nxdomain, undefined);
}

/**
 * Walks down from the apex, since the topmost cut or DNAME hides all below. The DS of a cut is ours (RFC 4035
 * 3.1.4.1); a DNAME does not stand for its own owner (RFC 6672 2.3).
 */
function findRedirect(zone: Zone, name: NameView, qtype: number, found: Found): boolean {
  const { octets, length, labelCount } = name;
  for (let label = labelCount - zone.apexLabels; label >= 0; label -= 1) {
    const node = zone.names.find(octets, startOfLabel(name, label), length);
    if (node === undefined) return false; // nothing exists below a name that does not exist
    if (!isRedirect(node, label, qtype)) continue;
    redirect(found, node, label, qtype);
    return true;
  }
  return false;
}

function isRedirect(node: NameNode, label: number, qtype: number): boolean {
  return isDelegation(node, label, qtype) || (node.dname !== undefined && label > 0);
}

function isDelegation({ isCut }: NameNode, label: number, qtype: number): boolean {
  return isCut && (label > 0 || qtype !== RRType.DS);
}

function redirect(found: Found, node: NameNode, label: number, qtype: number): void {
  set(found, isDelegation(node, label, qtype) ? FoundKind.delegation : FoundKind.dname, node);
  found.label = label;
}

function set(found: Found, kind: FoundKind, node: NameNode | undefined): void {
  found.kind = kind;
  found.node = node;
}
