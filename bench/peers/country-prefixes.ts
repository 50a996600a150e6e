/**
 * Every network of the bundled database with its country and continent, as a list: what clients are drawn from, and
 * what the peers' database is written from. Reads the file once; must not be used while anything is measured.
 */
import { readFileSync } from 'node:fs';

import { checkedMetadata } from '@signpost/geo/check-database';
import { defaultDatabasePath } from '@signpost/geo/default-database';
import { openGeoDatabase } from '@signpost/geo/mmdb-file';
import { placeRecords } from '@signpost/geo/read-place';
import { SearchTree } from '@signpost/geo/search-tree';
import { Reader } from 'maxmind';

export interface CountryPrefix {
  /** 4 or 16. */
  readonly octets: Uint8Array;
  readonly length: number;
  readonly country: string;
  readonly continent: string;
}

const IPV4_AT = 96;

/** Without those of no known country, and without IPv6 below ::/96, which is IPv4. */
export function readCountryPrefixes(): CountryPrefix[] {
  const file = defaultDatabasePath();
  const octets = readFileSync(file);
  const shape = checkedMetadata(octets, new Reader(octets).metadata, { file, kind: placeRecords });
  const tree = new SearchTree(octets, shape);
  const places = openGeoDatabase(octets, file);
  const prefixes: CountryPrefix[] = [];
  let ipv4Node: number | undefined;

  const walk = (node: number, address: Uint8Array, depth: number, first: number): void => {
    if (node === shape.nodeCount) return;
    const isIpv4Start = first === 0 && depth === IPV4_AT && address.every((octet) => octet === 0);
    if (isIpv4Start) ipv4Node = node;
    else if (node === ipv4Node) return; // 6to4 and others lead there too
    if (node > shape.nodeCount || depth === 128) {
      const own = address.slice(first);
      const { country, continent } = places.lookup(own);
      if (continent !== '') prefixes.push({ octets: own, length: depth - first * 8, country, continent });
      return;
    }
    const below = isIpv4Start ? IPV4_AT / 8 : first;
    for (const bit of [0, 1]) {
      const next = Uint8Array.from(address);
      next[depth >> 3]! |= bit << (7 - (depth & 7));
      walk(tree.record(node, bit), next, depth + 1, below);
    }
  };
  walk(0, new Uint8Array(16), 0, 0);
  return prefixes;
}
