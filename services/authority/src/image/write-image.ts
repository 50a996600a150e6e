/**
 * H12 -> H13: zones, names and record sets into an image, change by change. A change writes the touched name alone;
 * empty non-terminals and wildcards come and go with the names below them (RFC 4592 2.2.2).
 *
 * What cannot be served is refused by name and leaves the rest as it was: one bad record must not stop a zone. It must
 * not decide when an image is handed to anybody; how its words stand to each other is `layout.ts`'.
 */
import type { RecordSet, StaticRecordSet, SteeredRecordSet, ZoneFacts } from '@signpost/contracts/record-set';
import { RRType, typeCode } from '@signpost/dns/constants';
import { parseName } from '@signpost/dns/name-text';
import { isSubdomain, isWildcard, labelCount, type WireName } from '@signpost/dns/wire-name';
import { seedOf } from '@signpost/policy/chance';

import { codeOf, encodeSoa, encodeStatic, negativeTtlOf, placeEncoded, wordsOf } from './encode-set.ts';
import { ImageFullError, ImageSpace, SlotTable } from './image-space.ts';
import {
  Header,
  type ImageMemory,
  NameEntry,
  NameFlag,
  nameSlotHash,
  RECORD_HEADER,
  SetEntry,
  SetKind,
  wordsFor,
  ZoneEntry,
} from './layout.ts';
import { PolicyWriter } from './write-policy.ts';
import { suffixHash } from '@signpost/dns/suffix-hash';

/** What was refused, with the reason, for the log. */
export interface BuildProblem {
  readonly zone: string;
  readonly owner: string;
  readonly type: string;
  readonly reason: string;
}

/** A zone as the writer knows it; all else of it stands in its entry. */
export interface WrittenZone {
  readonly apex: string;
  readonly name: WireName;
  readonly number: number;
  /** Its present entry. */
  entry: number;
  /** Words of its names and record sets. */
  liveWords: number;
}

/** A name of a zone, the octets of `of` from `start` on, and where it stands: found once for all that a change does. */
export interface NamePlace {
  readonly zone: WrittenZone;
  readonly of: WireName;
  readonly start: number;
  readonly hash: number;
  /** -1: nowhere. */
  readonly slot: number;
  /** 0: none. */
  readonly entry: number;
}

interface NameContent {
  /** Indexes, in the order of their types. */
  readonly sets: readonly number[];
  readonly children: number;
  readonly wildcard: number;
}

/** Words of the entries of an empty non-terminal and of a zone, at most. */
const MOST_EMPTY_WORDS = NameEntry.sets + wordsFor(255);
const MOST_ZONE_WORDS = ZoneEntry.name + wordsFor(255);

export class ImageWriter {
  readonly space: ImageSpace;
  readonly zones = new Map<string, WrittenZone>();
  readonly names: SlotTable;
  readonly policies: PolicyWriter;
  readonly #zoneSlots: SlotTable;
  readonly #onProblem: (problem: BuildProblem) => void;
  #zoneNumbers = 0;
  /** Of all zones together. */
  #liveWords = 0;

  /** `onProblem` is told of each record that cannot be served. */
  constructor(octets: number, onProblem: (problem: BuildProblem) => void) {
    this.#onProblem = onProblem;
    this.space = new ImageSpace(octets);
    const { space } = this;
    this.#zoneSlots = new SlotTable(space, Header.zones, (entry) => space.words[entry + ZoneEntry.hash]!);
    this.names = new SlotTable(space, Header.names, (entry) =>
      nameSlotHash(space.words[entry + NameEntry.hash]!, space.words[entry + NameEntry.zone]!),
    );
    this.policies = new PolicyWriter(space);
  }

  get memory(): ImageMemory {
    return this.space.memory;
  }

  /** Words of what is there; the others of those in use are of what is gone. */
  get liveWords(): number {
    return this.policies.words + this.#liveWords;
  }

  /** null removes the record set. Doing the same twice is harmless. Throws ImageFullError, and then nothing is done. */
  put(apex: string, owner: string, type: string, set: RecordSet | null): void {
    try {
      const name = parseName(owner);
      const zone = this.zone(apex);
      if (!isSubdomain(name, zone.name)) throw new RangeError('the name is not in the zone');
      const code = set === null ? typeCode(type) : codeOf(type);
      if (code === undefined) return;
      if (set === null) this.#replace(this.#find(zone, name), code, 0);
      else if (set.kind === 'static') this.#putStatic(zone, name, code, set);
      else this.#putSteered(zone, name, code, set, owner);
    } catch (error) {
      this.#refuse(apex, owner, type, error);
    }
  }

  /** From now on the zone is served. Throws ImageFullError, and then nothing is done. */
  setFacts(apex: string, facts: ZoneFacts): void {
    try {
      const zone = this.zone(apex);
      const encoded = encodeSoa(zone.name, facts);
      this.prepare(zone, zone.name, wordsOf(encoded));
      this.serve(zone, placeEncoded(this.space, encoded), negativeTtlOf(facts));
    } catch (error) {
      this.#refuse(apex, apex, 'SOA', error);
    }
  }

  /** By this record set as its SOA. Room is made. */
  serve(zone: WrittenZone, soa: number, negativeTtl: number): void {
    const { words } = this.space;
    const entry = this.#writeZone(zone.name, zone.number);
    for (const each of [ZoneEntry.redirects, ZoneEntry.mostLabels, ZoneEntry.apexFlags]) {
      words[entry + each] = words[zone.entry + each]!;
    }
    words[entry + ZoneEntry.negativeTtl] = negativeTtl;
    words[entry + ZoneEntry.soa] = soa;
    words[entry + ZoneEntry.soaPointers] = this.#soaPointers(soa);
    this.#zoneSlots.replace(this.#zoneSlot(zone.name), entry);
    zone.entry = entry;
  }

  /** Of the two names of the RDATA. */
  #soaPointers(soa: number): number {
    const { words, octets } = this.space;
    const start = words[soa + SetEntry.ready]! * 4;
    const first = endOfLabels(octets, start + RECORD_HEADER);
    const second = endOfLabels(octets, octets[first] === 0 ? first + 1 : first + 2);
    return (octets[first] === 0 ? 0 : first - start) * 0x10000 + (octets[second] === 0 ? 0 : second - start);
  }

  /** Its names stay behind, unreachable. */
  removeZone(apex: string): void {
    const zone = this.zones.get(apex);
    if (zone === undefined) return;
    this.#zoneSlots.remove(this.#zoneSlot(zone.name));
    this.zones.delete(apex);
    this.#liveWords -= zone.liveWords;
  }

  /** A new one has no names but its apex and is not served. Throws NameError. */
  zone(apex: string): WrittenZone {
    const known = this.zones.get(apex);
    if (known !== undefined) return known;
    const name = parseName(apex);
    const { words } = this.space;
    this.#zoneSlots.prepare(1);
    this.names.prepare(1);
    this.space.reserve(MOST_ZONE_WORDS + MOST_EMPTY_WORDS);
    const number = this.#zoneNumbers;
    const entry = this.#writeZone(name, number);
    words[entry + ZoneEntry.mostLabels] = labelCount(name);
    const zone: WrittenZone = { apex, name, number, entry, liveWords: 0 };
    this.#zoneNumbers += 1;
    this.zones.set(apex, zone);
    this.names.insert(this.#writeName(this.#find(zone, name), { sets: [], children: 0, wildcard: 0 }, 0));
    const mostApexLabels = Math.max(words[Header.mostApexLabels]!, labelCount(name));
    Atomics.store(words, Header.mostApexLabels, mostApexLabels);
    this.#zoneSlots.insert(entry);
    return zone;
  }

  /** Room for a record set of so many words, and all that comes with it. Throws ImageFullError. */
  prepare(zone: WrittenZone, name: WireName, words: number): NamePlace {
    const names = labelCount(name) + 1; // this one, and those above it that may have to exist with it
    this.names.prepare(names);
    const place = this.#find(zone, name);
    const types = place.entry === 0 ? 1 : 1 + setCount(this.space.words, place.entry);
    this.space.reserve(words + 2 * types + (names + 1) * MOST_EMPTY_WORDS);
    return place;
  }

  #putStatic(zone: WrittenZone, name: WireName, code: number, set: StaticRecordSet): void {
    const encoded = encodeStatic(code, name, set);
    const place = this.prepare(zone, name, wordsOf(encoded));
    this.#replace(place, code, placeEncoded(this.space, encoded));
  }

  #putSteered(zone: WrittenZone, name: WireName, code: number, set: SteeredRecordSet, owner: string): void {
    const policy = this.policies.put(set);
    const place = this.prepare(zone, name, SetEntry.steeredWords);
    const { words } = this.space;
    const entry = this.space.take(SetEntry.steeredWords);
    this.policies.hold(policy);
    words[entry + SetEntry.type] = (SetKind.steered << 16) | code;
    words[entry + SetEntry.ttl] = set.ttl;
    words[entry + SetEntry.policy] = policy;
    words[entry + SetEntry.policyNumber] = this.policies.numberOf(policy);
    words[entry + SetEntry.seed] = seedOf(set, owner);
    this.#replace(place, code, entry);
  }

  /** Words that were made elsewhere, for which room is made. */
  place(words: Int32Array): number {
    const entry = this.space.take(words.length);
    this.space.words.set(words, entry);
    return entry;
  }

  /** All record sets of a name that has none yet, in the order of their types. Room is made. */
  putSets(place: NamePlace, sets: readonly number[]): void {
    this.#store(place, { sets, ...this.#carried(place.entry) });
  }

  #replace(place: NamePlace, type: number, set: number): void {
    if (place.entry === 0 && set === 0) return;
    const { words } = this.space;
    const before = place.entry === 0 ? [] : setsOf(words, place.entry);
    const sets = before.filter((other) => typeOf(words, other) !== type);
    // One order whatever the order of changes, so that equal content makes equal zones.
    if (set !== 0) sets.push(set);
    sets.sort((a, b) => typeOf(words, a) - typeOf(words, b));
    const content = { sets, ...this.#carried(place.entry) };
    const moves = place.entry === 0 || set === 0 || type === RRType.NS || type === RRType.DNAME;
    if (moves) Atomics.add(words, Header.moves, 1);
    try {
      this.#store(place, content);
    } finally {
      if (moves) Atomics.add(words, Header.moves, 1);
    }
    for (const other of before) if (typeOf(words, other) === type) this.#releasePolicy(other);
  }

  #releasePolicy(set: number): void {
    const { words } = this.space;
    if (words[set + SetEntry.type]! >>> 16 !== SetKind.steered) return;
    this.policies.release(words[set + SetEntry.policy]!);
  }

  /** What a name keeps when its record sets change. */
  #carried(old: number): Pick<NameContent, 'children' | 'wildcard'> {
    const { words } = this.space;
    if (old === 0) return { children: 0, wildcard: 0 };
    return { children: words[old + NameEntry.children]!, wildcard: words[old + NameEntry.wildcard]! };
  }

  /** Puts the name in, or takes it out when nothing holds it any more; the order of the steps is `layout.ts`'. */
  #store(place: NamePlace, content: NameContent): void {
    const { words } = this.space;
    const { zone, slot, entry: old } = place;
    const isApex = isApexOf(place);
    const flags = this.#flagsOf(place, content.sets);
    const redirects = Number(flags !== 0) - Number(old !== 0 && words[old + NameEntry.flags] !== 0);
    const isGone = !isApex && content.sets.length === 0 && content.children === 0;
    const entry = isGone ? 0 : this.#writeName(place, content, flags);
    if (redirects > 0) Atomics.add(words, zone.entry + ZoneEntry.redirects, redirects);
    if (isApex) Atomics.store(words, zone.entry + ZoneEntry.apexFlags, flags);
    if (old === 0) this.#deepen(place);
    const more = (isGone ? 0 : this.#liveWordsOf(entry)) - (old === 0 ? 0 : this.#liveWordsOf(old));
    zone.liveWords += more;
    this.#liveWords += more;
    // Names that exist only for this one come after it and go before it, else they would hide a wildcard above meanwhile.
    if (isGone) this.#tellParent(place, 0, -1);
    if (old === 0) this.names.insert(entry);
    else if (isGone) this.names.remove(slot);
    else this.names.replace(slot, entry);
    if (redirects < 0) Atomics.add(words, zone.entry + ZoneEntry.redirects, redirects);
    if (!isApex && !isGone) this.#tellParent(place, entry, Number(old === 0));
  }

  #flagsOf(place: NamePlace, sets: readonly number[]): number {
    const { words } = this.space;
    const has = (type: number): boolean =>
      sets.some((set) => words[set + SetEntry.type] === ((SetKind.static << 16) | type));
    if (!isApexOf(place) && !isWildcard(place.of, place.start) && has(RRType.NS)) return NameFlag.cut;
    return has(RRType.DNAME) ? NameFlag.dname : 0;
  }

  /** The parent counts its children and knows its wildcard; it comes and goes with them. `entry` 0: the child is gone. */
  #tellParent(child: NamePlace, entry: number, difference: number): void {
    const isStar = isWildcard(child.of, child.start);
    if (difference === 0 && !isStar) return;
    const parent = this.#find(child.zone, child.of, child.start + child.of[child.start]! + 1);
    if (parent.entry === 0) {
      return this.#store(parent, { sets: [], children: difference, wildcard: isStar ? entry : 0 });
    }
    const { words } = this.space;
    words[parent.entry + NameEntry.children]! += difference;
    if (isStar) Atomics.store(words, parent.entry + NameEntry.wildcard, entry);
    const isEmpty = words[parent.entry + NameEntry.children] === 0 && setCount(words, parent.entry) === 0;
    if (isEmpty && !isApexOf(parent)) this.#store(parent, { sets: [], children: 0, wildcard: 0 });
  }

  #deepen({ zone, of, start }: NamePlace): void {
    const at = zone.entry + ZoneEntry.mostLabels;
    const labels = labelCount(of, start);
    if (labels > this.space.words[at]!) Atomics.store(this.space.words, at, labels);
  }

  #writeZone(name: WireName, number: number): number {
    const { words } = this.space;
    const entry = this.space.take(ZoneEntry.name + wordsFor(name.length));
    words[entry + ZoneEntry.hash] = suffixHash(name);
    words[entry + ZoneEntry.number] = number;
    words[entry + ZoneEntry.lengths] = (labelCount(name) << 16) | name.length;
    this.space.octets.set(name, (entry + ZoneEntry.name) * 4);
    return entry;
  }

  #writeName(
    { zone, of, start, hash }: NamePlace,
    { sets, children, wildcard }: NameContent,
    flags: number,
  ): number {
    const { words, octets } = this.space;
    const length = of.length - start;
    const nameAt = NameEntry.sets + 2 * sets.length;
    const entry = this.space.take(nameAt + wordsFor(length));
    words[entry + NameEntry.hash] = hash;
    words[entry + NameEntry.zone] = zone.number;
    words[entry + NameEntry.flags] = flags;
    words[entry + NameEntry.children] = children;
    words[entry + NameEntry.wildcard] = wildcard;
    words[entry + NameEntry.lengths] = (sets.length << 16) | length;
    for (let i = 0; i < sets.length; i += 1) {
      words[entry + NameEntry.sets + 2 * i] = typeOf(words, sets[i]!);
      words[entry + NameEntry.sets + 2 * i + 1] = sets[i]!;
    }
    for (let i = 0, at = (entry + nameAt) * 4; i < length; i += 1) octets[at + i] = of[start + i]!;
    return entry;
  }

  #zoneSlot(name: WireName): number {
    const { words, octets } = this.space;
    return this.#zoneSlots.find(suffixHash(name), (entry) => {
      const length = words[entry + ZoneEntry.lengths]! & 0xffff;
      return holds(octets, (entry + ZoneEntry.name) * 4, length, name, 0);
    });
  }

  /** The name that begins at `start`. */
  #find(zone: WrittenZone, of: WireName, start = 0): NamePlace {
    const { words, octets } = this.space;
    const hash = suffixHash(of, start);
    const slot = this.names.find(nameSlotHash(hash, zone.number), (entry) => {
      if (words[entry + NameEntry.hash] !== hash || words[entry + NameEntry.zone] !== zone.number)
        return false;
      const length = words[entry + NameEntry.lengths]! & 0xffff;
      return holds(octets, (entry + NameEntry.sets + 2 * setCount(words, entry)) * 4, length, of, start);
    });
    return { zone, of, start, hash, slot, entry: slot < 0 ? 0 : this.names.entryAt(slot) };
  }

  /** Of the name and its record sets. */
  #liveWordsOf(entry: number): number {
    const { words } = this.space;
    let live = nameWords(words, entry);
    const end = entry + NameEntry.sets + 2 * setCount(words, entry);
    for (let at = entry + NameEntry.sets; at < end; at += 2) live += setWords(words, words[at + 1]!);
    return live;
  }

  #refuse(zone: string, owner: string, type: string, error: unknown): void {
    if (error instanceof ImageFullError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    this.#onProblem({ zone, owner, type, reason });
  }
}

/** Indexes of a name's record sets. */
export function setsOf(words: Int32Array, name: number): number[] {
  const sets: number[] = [];
  const end = name + NameEntry.sets + 2 * setCount(words, name);
  for (let at = name + NameEntry.sets; at < end; at += 2) sets.push(words[at + 1]!);
  return sets;
}

export function setCount(words: Int32Array, name: number): number {
  return words[name + NameEntry.lengths]! >>> 16;
}

function nameWords(words: Int32Array, name: number): number {
  const length = words[name + NameEntry.lengths]! & 0xffff;
  return NameEntry.sets + 2 * setCount(words, name) + wordsFor(length);
}

export function setWords(words: Int32Array, set: number): number {
  if (words[set + SetEntry.type]! >>> 16 === SetKind.steered) return SetEntry.steeredWords;
  const plain = wordsFor(words[set + SetEntry.plainLength]!);
  const isOne = words[set + SetEntry.ready] === set + SetEntry.plain;
  return SetEntry.plain + plain + (isOne ? 0 : wordsFor(words[set + SetEntry.readyLength]!));
}

function typeOf(words: Int32Array, set: number): number {
  return words[set + SetEntry.type]! & 0xffff;
}

/** Where the name ends: at its zero, or at a pointer. */
function endOfLabels(octets: Uint8Array, start: number): number {
  let at = start;
  while (octets[at] !== 0 && octets[at]! < 0xc0) at += octets[at]! + 1;
  return at;
}

function isApexOf({ zone, of, start }: NamePlace): boolean {
  return of.length - start === zone.name.length;
}

/** Whether the octets at `at` are those of `name` from `start` on. */
function holds(octets: Uint8Array, at: number, length: number, name: WireName, start: number): boolean {
  if (length !== name.length - start) return false;
  for (let i = 0; i < length; i += 1) if (octets[at + i] !== name[start + i]) return false;
  return true;
}
