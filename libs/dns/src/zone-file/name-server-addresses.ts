/**
 * Warns of name servers inside the zone whose address the zone doesn't have: nobody could
 * reach them. A server below another delegation is that child's business.
 */
import { RRType } from '../constants.ts';
import { formatName } from '../name-text.ts';
import { isSubdomain, namesEqual, parentName, toWireName, type WireName } from '../wire-name.ts';
import { keyOf, type ZoneNode } from './zone-node.ts';
import type { ZoneWarning } from './zone-record.ts';

/** `nodes` by `keyOf` their names. */
export function warnOfLostNameServers(
  nodes: ReadonlyMap<string, ZoneNode>,
  apex: WireName,
  warnings: ZoneWarning[],
): void {
  for (const { name: owner, records } of nodes.values()) {
    for (const { type, rdata, file, line } of records) {
      if (type !== RRType.NS) continue;
      const target = toWireName(rdata);
      if (!isSubdomain(target, apex) || isReachable(nodes, apex, owner, target)) continue;
      const message = `the name server ${formatName(target)}. has no address in the zone; add an A or AAAA record`;
      warnings.push({ file, line, column: 1, message });
    }
  }
}

function isReachable(
  nodes: ReadonlyMap<string, ZoneNode>,
  apex: WireName,
  owner: WireName,
  target: WireName,
): boolean {
  if (hasAddress(nodes.get(keyOf(target)))) return true;
  for (let name = target; !namesEqual(name, apex); name = parentName(name)) {
    const isCut = nodes.get(keyOf(name))?.records.some(({ type }) => type === RRType.NS) ?? false;
    if (isCut) return !namesEqual(name, owner);
    const wildcard = nodes.get(`\x01*${keyOf(parentName(name))}`);
    if (hasAddress(wildcard)) return true;
  }
  return false;
}

function hasAddress(node: ZoneNode | undefined): boolean {
  return node?.records.some(({ type }) => type === RRType.A || type === RRType.AAAA) ?? false;
}
