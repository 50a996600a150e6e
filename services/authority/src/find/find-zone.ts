/**
 * Which of our zones holds a name: the one with the longest apex that is a suffix of it (RFC 1034 4.3.2 step 2).
 * Allocates nothing, never throws.
 */
import { RRType } from '@signpost/dns/constants';
import { startOfLabel } from '@signpost/dns/hashed-name';

import type { NameView, Snapshot, Zone } from '../replica/zone.ts';

/**
 * undefined: the name is not ours. A DS RRset belongs to the parent's side of a zone cut, so for DS a zone above is
 * preferred to the one that begins at the name itself (RFC 4035 3.1.4.1).
 */
export function findZone(snapshot: Snapshot, name: NameView, qtype: number): Zone | undefined {
  const zone = longestFrom(snapshot, name, 0);
  if (qtype !== RRType.DS || zone === undefined || zone.apexLabels !== name.labelCount) return zone;
  return longestFrom(snapshot, name, 1) ?? zone;
}

/** True where a zone of ours begins at the very name. */
export function isApex(snapshot: Snapshot, { octets, length }: NameView): boolean {
  return snapshot.served.find(octets, 0, length) !== undefined;
}

function longestFrom(snapshot: Snapshot, name: NameView, skippedLabels: number): Zone | undefined {
  const { octets, length, labelCount } = name;
  const first = Math.max(skippedLabels, labelCount - snapshot.mostApexLabels);
  for (let label = first; label <= labelCount; label += 1) {
    const zone = snapshot.served.find(octets, startOfLabel(name, label), length);
    if (zone !== undefined) return zone;
  }
  return undefined;
}
