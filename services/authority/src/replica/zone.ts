/**
 * Zones, names and record sets as the general path reads them: small views of what stands in the image, made when they
 * are first asked for and never changed.
 *
 *   Snapshot ── served ──> Zone ── names ──> NameNode ── rrsets ──> RRset (RDATA octets, or the policy that decides)
 *                                      └── also empty non-terminals (no RRsets) and `*` names
 *
 * Only types stand here; `image/read-image.ts` makes what they describe, `find/` asks for it.
 */
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import type { Labels } from '@signpost/dns/hashed-name';
import type { WireName } from '@signpost/dns/wire-name';
import type { Steering } from '@signpost/policy/select-answer';

/** All that a worker answers from. */
export interface Snapshot {
  readonly served: Finder<Zone>;
  /** Labels of the longest served apex, so that a search need not begin at a deeper name. */
  readonly mostApexLabels: number;
}

export interface Finder<Entry> {
  /** What the canonical octets `start`..`end` name. */
  find(octets: Uint8Array, start: number, end: number): Entry | undefined;
}

export interface Named {
  readonly name: WireName;
  /** `suffixHash` of `name`. */
  readonly hash: number;
}

export interface Zone extends Named {
  /** Index of its entry in the image. */
  readonly entry: number;
  /** The apex as text: lower case, no final dot. */
  readonly apex: string;
  /** Labels of the apex; 0 for the root. */
  readonly apexLabels: number;
  /** Made from the facts. */
  readonly soa: StartOfAuthority;
  readonly names: NamesOfZone;
  /** How many names hand what lies below them elsewhere, as zone cuts and DNAMEs do; 0 spares the search for them. */
  readonly redirects: number;
  /** Labels of the deepest name there ever was, so that a search need not begin at a deeper one. */
  readonly mostLabels: number;
}

export interface NamesOfZone extends Finder<NameNode> {
  /** How often names came or went; odd: they do. */
  readonly moves: number;
  /** The `*` one label below, which speaks for all names there that do not exist (RFC 4592). */
  wildcardOf(node: NameNode): NameNode | undefined;
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
  /** Index of its entry in the image. */
  readonly entry: number;
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
  readonly policy: Policy;
  /** Of draws: `seedOf` the record set. */
  readonly seed: number;
}

/** What the record sets of one policy have in common, as it is published. */
export type PolicySource = Omit<SteeredRecordSet, 'kind' | 'ttl' | 'seed'>;

/** The same, ready. */
export interface Policy {
  readonly steering: Steering;
  readonly name: string;
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
export interface NameView extends Labels {
  /** Canonical; only the first `length` octets count. */
  readonly octets: Uint8Array;
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
