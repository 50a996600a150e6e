/**
 * Finds names in the image as `find/` does, for questions that need no second thought: entries instead of objects, and
 * hashes from one walk over the name. Allocates nothing, never throws.
 */
import { type HashedName, startOfLabel } from '@signpost/dns/hashed-name';

import { MOST_WALKS } from '../find/find-name.ts';
import type { ImageIndex } from '../image/image-index.ts';
import { Header, NameEntry, NameFlag, ZoneEntry } from '../image/layout.ts';
import type { FastState } from './fast-state.ts';

export const Located = {
  /** `state.entry` is the name's own. */
  own: 0,
  /** It is that of the wildcard that speaks for the name. */
  wildcard: 1,
  /** Nothing is there. */
  nothing: 2,
  /** It is that of the zone cut at or above the name, at `state.cutLabel`. */
  cut: 3,
  /** The general path must look: a DNAME, or a zone that was not guessed right. */
  unsure: 4,
} as const;
export type Located = (typeof Located)[keyof typeof Located];

/**
 * Sets `zone` and `apexLabel` of the state to what by its hash looks like the zone that holds the name; false: none of
 * ours does.
 */
export function guessZone(index: ImageIndex, state: FastState, name: HashedName): boolean {
  const { labelCount } = name;
  const first = labelCount - index.words[Header.mostApexLabels]!;
  for (let label = first > 0 ? first : 0; label <= labelCount; label += 1) {
    const zone = index.guessZone(name.hashes[label]!, labelCount - label);
    if (zone === 0) continue;
    state.zone = zone;
    state.apexLabel = label;
    return true;
  }
  return false;
}

/** Where the name is in the zone that was guessed; as `findName` says it. */
export function locate(index: ImageIndex, state: FastState, name: HashedName): Located {
  const { words } = index;
  const own = index.findWholeName(state.zone, name);
  state.entry = own;
  const isThere = own !== 0;
  // Its own flags count: a cut may have left between the two looks.
  const isPlain = isThere && words[own + NameEntry.flags] === 0;
  if (isPlain && words[state.zone + ZoneEntry.redirects] === 0) return Located.own;
  // That the name is in it proves the zone.
  const apex = startOfLabel(name, state.apexLabel);
  if (!isThere && !index.isApex(state.zone, name.octets, apex, name.length)) return Located.unsure;
  let located: Located = Located.unsure;
  for (let walks = 1; walks <= MOST_WALKS; walks += 1) {
    const { moves } = index;
    located = walk(index, state, name);
    if ((moves & 1) === 0 && moves === index.moves) break;
  }
  return located;
}

function walk(index: ImageIndex, state: FastState, name: HashedName): Located {
  const { words } = index;
  const { zone } = state;
  if (words[zone + ZoneEntry.redirects]! > 0) {
    const above = findRedirect(index, state, name);
    if (above !== Located.nothing) return above;
  }
  const own = index.findWholeName(zone, name);
  if (own !== 0) return ownOrCut(words, state, own);
  const first = name.labelCount - words[zone + ZoneEntry.mostLabels]!;
  for (let label = first > 1 ? first : 1; label <= state.apexLabel; label += 1) {
    const start = startOfLabel(name, label);
    const encloser = index.findName(zone, name.octets, start, name.length, name.hashes[label]!);
    if (encloser === 0) continue;
    if (words[encloser + NameEntry.flags] !== 0) return Located.unsure; // it came a moment ago
    state.entry = index.findWildcard(encloser);
    return state.entry === 0 ? Located.nothing : Located.wildcard;
  }
  return Located.nothing;
}

function ownOrCut(words: Int32Array, state: FastState, own: number): Located {
  state.entry = own;
  state.cutLabel = 0;
  return (words[own + NameEntry.flags]! & NameFlag.cut) === 0 ? Located.own : Located.cut;
}

/** The topmost one above the name, walking down from below the apex; `nothing`: there is none. */
function findRedirect(index: ImageIndex, state: FastState, name: HashedName): Located {
  const { words } = index;
  const { apexLabel } = state;
  if (apexLabel > 0 && words[state.zone + ZoneEntry.apexFlags]! !== 0) return Located.unsure;
  for (let label = apexLabel - 1; label > 0; label -= 1) {
    const start = startOfLabel(name, label);
    const entry = index.findName(state.zone, name.octets, start, name.length, name.hashes[label]!);
    if (entry === 0) break; // nothing exists below a name that does not exist
    const flags = words[entry + NameEntry.flags]!;
    if (flags === 0) continue;
    state.entry = entry;
    state.cutLabel = label;
    return (flags & NameFlag.cut) === 0 ? Located.unsure : Located.cut;
  }
  return Located.nothing;
}
