/**
 * Warns of names that lead nowhere though their zone is here: name servers and hosts without an address, aliases of
 * names that do not exist, and owners that have the name of the zone twice. All of them can be served, and are hardly
 * meant: mostly a final dot is missing or too much.
 */
import { RRType, typeName } from '../constants.ts';
import { formatName } from '../name-text.ts';
import { targetStart } from '../rdata/target-start.ts';
import { isSubdomain, labelCount, toWireName, type WireName } from '../wire-name.ts';
import { KnownZone } from './known-zone.ts';
import type { ZoneNode } from './zone-node.ts';
import type { ZoneWarning } from './zone-record.ts';

/** `nodes` by `keyOf` their names. */
export function warnOfDanglingNames(
  nodes: ReadonlyMap<string, ZoneNode>,
  apex: WireName,
  warnings: ZoneWarning[],
): void {
  const zone = new KnownZone(apex, nodes);
  for (const { name: owner, records } of nodes.values()) {
    const [first] = records;
    const twice = doubledOwner(owner, apex);
    if (twice !== undefined && first !== undefined) {
      warnings.push({ file: first.file, line: first.line, column: 1, message: twice });
    }
    for (const { type, rdata, file, line } of records) {
      const target = targetOf(type, rdata);
      if (target === undefined || !isSubdomain(target, apex)) continue;
      const message = danglingProblem(type, target, owner, zone);
      if (message !== undefined) warnings.push({ file, line, column: 1, message });
    }
  }
}

/**
 * The name that a record leads to; undefined when it leads to none, or says so by the root. A DNAME leads to names below
 * its own.
 */
export function targetOf(type: number, rdata: Uint8Array): WireName | undefined {
  const start = type === RRType.DNAME ? undefined : targetStart(type);
  if (start === undefined || rdata[start] === 0) return undefined;
  return toWireName(rdata, start);
}

/** Types whose target must have an address itself; of the others it must exist. */
const NEED_ADDRESS: readonly number[] = [RRType.NS, RRType.MX, RRType.SRV];

/** What is wrong with a record at `owner` that leads to `target` in the zone; undefined: nothing. */
export function danglingProblem(
  type: number,
  target: WireName,
  owner: WireName,
  zone: KnownZone,
): string | undefined {
  const standing = zone.standingOf(target, type === RRType.NS ? owner : undefined);
  const needsAddress = NEED_ADDRESS.includes(type);
  if (standing === 'elsewhere' || standing === 'addresses') return undefined;
  if (standing === 'data' && !needsAddress) return undefined;
  const name = `${formatName(target)}.`;
  const add = needsAddress ? 'add an A or AAAA record' : 'add it';
  const remedy = `${add}${meantName(target, zone.apex)}`;
  if (type === RRType.NS) return `the name server ${name} has no address in the zone; ${remedy}`;
  const lack = standing === 'data' ? 'has no address' : 'does not exist in the zone';
  return `the ${typeName(type)} record leads to ${name}, which ${lack}; ${remedy}`;
}

/** `, or write "www.example.org." if ...` for a name that lacks its final dot, as far as can be told. */
function meantName(target: WireName, apex: WireName): string {
  const relative = relativeText(target, apex);
  return relative.includes('.') ? `, or write "${relative}." if that is meant` : '';
}

/** `www.a.test` in the zone `a.test` is `www.a.test.a.test.`; zones of one label may well mean it. */
export function doubledOwner(owner: WireName, apex: WireName): string | undefined {
  if (owner.length < 2 * apex.length - 1 || labelCount(apex) < 2) return undefined;
  const relative = toWireName(Uint8Array.of(...owner.subarray(0, owner.length - apex.length), 0));
  if (!isSubdomain(relative, apex)) return undefined;
  const meant = relativeText(relative, apex);
  return `the name is ${formatName(owner)}., with the name of the zone twice; did you mean "${meant === '' ? '@' : meant}"?`;
}

function relativeText(name: WireName, apex: WireName): string {
  const text = formatName(name);
  return apex.length === 1 ? text : text.slice(0, -formatName(apex).length - 1);
}
