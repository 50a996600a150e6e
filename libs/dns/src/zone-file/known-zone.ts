/**
 * What a zone has at a name, as a query would find it (RFC 1034 4.3.2, RFC 4592), by types alone: enough to tell a name
 * that leads somewhere from one that does not. Answers no query.
 */
import { RRType } from '../constants.ts';
import { isWildcard, namesEqual, parentName, type WireName } from '../wire-name.ts';
import { keyOf } from './zone-node.ts';

export interface KnownNode {
  readonly name: WireName;
  readonly records: readonly { readonly type: number }[];
}

/**
 * `elsewhere`: a delegation or a DNAME leads away, so that others know. `addresses`: there are some, or a CNAME.
 * `data`: the name exists, without them. `nothing`: NXDOMAIN.
 */
export type Standing = 'elsewhere' | 'addresses' | 'data' | 'nothing';

export class KnownZone {
  readonly apex: WireName;
  readonly #nodes: ReadonlyMap<string, KnownNode>;
  #above: ReadonlySet<string> | undefined;

  /** `nodes` by `keyOf` their names. */
  constructor(apex: WireName, nodes: ReadonlyMap<string, KnownNode>) {
    this.apex = apex;
    this.#nodes = nodes;
  }

  /** `name` is in the zone. `cut`: of a name server, the delegation that names it, below which its own address is glue. */
  standingOf(name: WireName, cut?: WireName): Standing {
    const own = this.#nodes.get(keyOf(name));
    if (hasAddress(own)) return 'addresses';
    for (let above = name; ; above = parentName(above)) {
      const node = this.#nodes.get(keyOf(above));
      if (above !== name && has(node, RRType.DNAME)) return 'elsewhere';
      if (namesEqual(above, this.apex)) break;
      if (!isWildcard(above) && has(node, RRType.NS)) {
        return cut !== undefined && namesEqual(above, cut) ? 'nothing' : 'elsewhere';
      }
    }
    return this.#exists(keyOf(name)) ? 'data' : this.#covering(name);
  }

  /** By the wildcard at the closest encloser. */
  #covering(name: WireName): Standing {
    let above = parentName(name);
    while (!namesEqual(above, this.apex) && !this.#exists(keyOf(above))) above = parentName(above);
    const key = `\x01*${keyOf(above)}`;
    const wildcard = this.#nodes.get(key);
    if (wildcard === undefined) return this.#exists(key) ? 'data' : 'nothing';
    return hasAddress(wildcard) ? 'addresses' : 'data';
  }

  /** Also with nothing but names below it. */
  #exists(key: string): boolean {
    this.#above ??= this.#namesAbove();
    return this.#nodes.has(key) || this.#above.has(key);
  }

  #namesAbove(): ReadonlySet<string> {
    const found = new Set<string>();
    for (const { name } of this.#nodes.values()) {
      for (let above = name; !namesEqual(above, this.apex);) {
        above = parentName(above);
        const key = keyOf(above);
        if (found.has(key)) break;
        found.add(key);
      }
    }
    return found;
  }
}

function hasAddress(node: KnownNode | undefined): boolean {
  return has(node, RRType.A) || has(node, RRType.AAAA) || has(node, RRType.CNAME);
}

function has(node: KnownNode | undefined, wanted: number): boolean {
  return node?.records.some(({ type }) => type === wanted) ?? false;
}
