/**
 * A zone as the query path reads it: immutable and wire-ready, every name found by its canonical octets.
 *
 *   Snapshot ── served ──> Zone ── names ──> NameNode ── rrsets ──> RRset (RDATA octets, prepared steering)
 *                                      └── also empty non-terminals (no RRsets) and `*` names
 *
 * Only types and the empty values stand here; `build-zone.ts` makes zones, `find/` reads them.
 */
import type { Generation } from '@signpost/contracts/brands';
import { NO_GENERATION } from '@signpost/contracts/brands';
import type { ZoneFacts } from '@signpost/contracts/record-set';
import type { WireName } from '@signpost/dns/wire-name';
import type { Steering } from '@signpost/policy/select-answer';

import { emptyTable, type Named, type NameTable } from './name-table.ts';

/** All that a worker answers from; replaced as a whole. */
export interface Snapshot {
  /** 0: nothing was ever loaded. */
  readonly generation: Generation;
  /** By apex in text, also those that lack facts and so are not served. */
  readonly zones: ReadonlyMap<string, Zone>;
  /** Those that have facts. */
  readonly served: NameTable<Zone>;
  /** Labels of the longest served apex, so that a search need not begin at a deeper name. */
  readonly mostApexLabels: number;
}

export interface Zone extends Named {
  /** The apex as text: lower case, no final dot. */
  readonly apex: string;
  /** Labels of the apex; 0 for the root. */
  readonly apexLabels: number;
  /** Absent while the first publication of the zone is under way. */
  readonly facts: ZoneFacts | undefined;
  /** Made from the facts. */
  readonly soa: StartOfAuthority | undefined;
  readonly names: NameTable<NameNode>;
  /** How many names hand what lies below them elsewhere, as zone cuts and DNAMEs do; 0 spares the search for them. */
  readonly redirects: number;
  /** Labels of the deepest name there ever was, so that a search need not begin at a deeper one. */
  readonly mostLabels: number;
  readonly recordSets: number;
}

export interface StartOfAuthority {
  /** The one SOA record. */
  readonly records: readonly [ReadyRecord];
  readonly ttlSeconds: number;
  /** TTL of a denial: the lower of the SOA's own TTL and its MINIMUM (RFC 2308 section 3). */
  readonly negativeTtlSeconds: number;
}

export interface NameNode extends Named {
  /** Empty: an empty non-terminal (RFC 8499), which exists and has no data. */
  readonly rrsets: readonly RRset[];
  /** Names one label below. */
  readonly children: number;
  /** The `*` one label below, which speaks for all names here that do not exist (RFC 4592). */
  readonly wildcard: NameNode | undefined;
  /** True where NS records below the apex hand the name, and all below it, to other servers. */
  readonly isCut: boolean;
  /** Stands for all names below, which are hidden by it, and for none at the name itself (RFC 6672 2.3). */
  readonly dname: StaticRRset | undefined;
}

export type RRset = StaticRRset | SteeredRRset;

export interface StaticRRset {
  readonly kind: 'static';
  readonly type: number;
  readonly ttlSeconds: number;
  readonly records: readonly ReadyRecord[];
}

export interface SteeredRRset {
  readonly kind: 'steered';
  readonly type: number;
  readonly ttlSeconds: number;
  readonly steering: Steering;
  /** By `seedOf`. */
  readonly seed: number;
  readonly policy: string;
  /** In the order of the record set's groups, which is what a selection counts by. */
  readonly groups: readonly ReadyGroup[];
}

export interface ReadyGroup {
  readonly pool: string;
  /** CNAME where the pool's targets are host names; else the RRset's own type. */
  readonly type: number;
  /** Position in `STANDINGS`, see `serve/standing.ts`. */
  readonly standing: number;
  /** One per answer of the group; two targets with one address share one record. */
  readonly records: readonly ReadyRecord[];
}

export interface ReadyRecord {
  readonly rdata: Uint8Array;
  /** The name that CNAME, DNAME, NS, MX, SRV, SVCB and HTTPS point at. */
  readonly target: NameView | undefined;
  /** Whose last answer is noted, see `count/target-times.ts`; `NO_SLOT` where no policy chose. */
  readonly slot: number;
}

/** A name and where its labels begin: a query's own, or a record's target. */
export interface NameView {
  /** Canonical; only the first `length` octets count. */
  readonly octets: Uint8Array;
  readonly length: number;
  /** Leftmost first; only the first `labelCount` count. */
  readonly labelOffsets: Uint8Array;
  /** Without the root. */
  readonly labelCount: number;
}

export function nameView(name: WireName): NameView {
  const offsets: number[] = [];
  for (let at = 0; name[at] !== 0; at += name[at]! + 1) offsets.push(at);
  return {
    octets: name,
    length: name.length,
    labelOffsets: Uint8Array.from(offsets),
    labelCount: offsets.length,
  };
}

export function sameName(a: NameView, b: NameView): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a.octets[i] !== b.octets[i]) return false;
  return true;
}

export const EMPTY_SNAPSHOT: Snapshot = {
  generation: NO_GENERATION,
  zones: new Map(),
  served: emptyTable(),
  mostApexLabels: 0,
};
