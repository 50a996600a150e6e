/**
 * H12: record sets to a wire-ready zone, whole or change by change. A change rebuilds the touched name alone
 * and shares everything else with the zone it came from, which queries may still be reading.
 *
 * What cannot be served is refused by name and leaves the rest as it was: one bad record must not stop a zone.
 * Pure: no I/O, no clock; it must not decide when a zone becomes visible.
 */
import type { RecordSet, ZoneFacts } from '@signpost/contracts/record-set';
import { RRType, typeCode } from '@signpost/dns/constants';
import { parseName } from '@signpost/dns/name-text';
import { isSubdomain, labelCount, type WireName } from '@signpost/dns/wire-name';

import type { FlattenedFor } from '../client/flattened-rules.ts';
import type { SlotOf } from '../count/target-times.ts';
import { buildRRset, buildSoa } from './build-rrset.ts';
import { emptyTable, nameHash, type NameTableEditor } from './name-table.ts';
import type { NameNode, RRset, StartOfAuthority, StaticRRset, Zone } from './zone.ts';

/** What was refused, with the reason, for the log. */
export interface BuildProblem {
  readonly zone: string;
  readonly owner: string;
  readonly type: string;
  readonly reason: string;
}

const STAR = 0x2a;

/** A zone without names but its apex and without facts: not served yet. */
export function emptyZone(apex: string): Zone {
  const name = parseName(apex);
  const names = emptyTable<NameNode>().edit();
  names.set(emptyNode(name));
  return {
    name,
    hash: nameHash(name),
    apex,
    apexLabels: labelCount(name),
    facts: undefined,
    soa: undefined,
    names: names.finish(),
    redirects: 0,
    mostLabels: labelCount(name),
    recordSets: 0,
  };
}

/** Collects changes to one zone; `finish` gives the new one and leaves the old as it was. */
export class ZoneEditor {
  readonly #zone: Zone;
  readonly #problems: BuildProblem[];
  readonly #slotOf: SlotOf;
  readonly #flattenedFor: FlattenedFor | undefined;
  #names: NameTableEditor<NameNode> | undefined;
  #facts: ZoneFacts | undefined;
  #soa: StartOfAuthority | undefined;
  #redirects: number;
  #mostLabels: number;
  #recordSets: number;

  constructor(zone: Zone, problems: BuildProblem[], slotOf: SlotOf, flattenedFor?: FlattenedFor) {
    this.#zone = zone;
    this.#problems = problems;
    this.#slotOf = slotOf;
    this.#flattenedFor = flattenedFor;
    this.#facts = zone.facts;
    this.#soa = zone.soa;
    this.#redirects = zone.redirects;
    this.#mostLabels = zone.mostLabels;
    this.#recordSets = zone.recordSets;
  }

  /** null removes the record set. Doing the same twice is harmless. */
  put(owner: string, type: string, set: RecordSet | null): void {
    try {
      const name = parseName(owner);
      if (!isSubdomain(name, this.#zone.name)) throw new RangeError('the name is not in the zone');
      const rrset = set === null ? undefined : buildRRset(type, owner, set, this.#slotOf, this.#flattenedFor);
      this.#replace(name, rrset?.type ?? typeCode(type), rrset);
    } catch (error) {
      this.#refuse(owner, type, error);
    }
  }

  setFacts(facts: ZoneFacts): void {
    try {
      this.#soa = buildSoa(facts);
      this.#facts = facts;
    } catch (error) {
      this.#refuse(this.#zone.apex, 'SOA', error);
    }
  }

  finish(): Zone {
    return {
      ...this.#zone,
      facts: this.#facts,
      soa: this.#soa,
      names: this.#names?.finish() ?? this.#zone.names,
      redirects: this.#redirects,
      mostLabels: this.#mostLabels,
      recordSets: this.#recordSets,
    };
  }

  #replace(name: WireName, type: number | undefined, rrset: RRset | undefined): void {
    this.#names ??= this.#zone.names.edit();
    const old = this.#names.get(name);
    if (old === undefined && rrset === undefined) return;
    const others = (old?.rrsets ?? []).filter((other) => other.type !== type);
    // One order whatever the order of changes, so that equal content makes equal zones; and a copy, since an array
    // that grew has room for sixteen more, at each of a million names.
    const rrsets = rrset === undefined ? others : [...others, rrset].toSorted((a, b) => a.type - b.type);
    this.#recordSets += rrsets.length - (old?.rrsets.length ?? 0);
    const isCut = this.#isCut(name, rrsets);
    this.#store(
      { ...(old ?? emptyNode(name)), rrsets, isCut, dname: isCut ? undefined : dnameOf(rrsets) },
      old,
    );
  }

  #isCut(name: WireName, rrsets: readonly RRset[]): boolean {
    const below = name.length > this.#zone.name.length && !isStar(name);
    return below && rrsets.some((rrset) => rrset.type === RRType.NS && rrset.kind === 'static');
  }

  /** Puts the node in, or takes it out when nothing holds it any more. */
  #store(node: NameNode, old: NameNode | undefined): void {
    this.#redirects += Number(isRedirect(node)) - Number(isRedirect(old));
    const isApex = node.name.length === this.#zone.name.length;
    if (isApex) return this.#names!.set(node);
    const isGone = node.rrsets.length === 0 && node.children === 0;
    if (isGone) this.#names!.delete(node.name);
    else this.#names!.set(node);
    if (old === undefined) this.#mostLabels = Math.max(this.#mostLabels, labelCount(node.name));
    this.#tellParent(node, Number(!isGone) - Number(old !== undefined), isGone);
  }

  /** The parent counts its children and knows its wildcard; it comes and goes with them (RFC 4592 2.2.2). */
  #tellParent(child: NameNode, difference: number, isGone: boolean): void {
    const isWildcard = isStar(child.name);
    if (difference === 0 && !isWildcard) return;
    // A copy, since a view would move the octets of each of a million names out of the heap, at twice the memory.
    const name = child.name.slice(child.name[0]! + 1) as WireName;
    const old = this.#names!.get(name);
    const parent = old ?? emptyNode(name);
    const wildcard = isWildcard ? (isGone ? undefined : child) : parent.wildcard;
    this.#store({ ...parent, children: parent.children + difference, wildcard }, old);
  }

  #refuse(owner: string, type: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#problems.push({ zone: this.#zone.apex, owner, type, reason });
  }
}

function emptyNode(name: WireName): NameNode {
  return {
    name,
    hash: nameHash(name),
    rrsets: [],
    children: 0,
    wildcard: undefined,
    isCut: false,
    dname: undefined,
  };
}

function dnameOf(rrsets: readonly RRset[]): StaticRRset | undefined {
  return rrsets.find((rrset) => rrset.kind === 'static' && rrset.type === RRType.DNAME) as
    | StaticRRset
    | undefined;
}

function isRedirect(node: NameNode | undefined): boolean {
  return node !== undefined && (node.isCut || node.dname !== undefined);
}

function isStar(name: WireName): boolean {
  return name[0] === 1 && name[1] === STAR;
}
