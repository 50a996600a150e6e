/**
 * Zones of one image into another, without what is gone: how space comes back, how an image in use grows, and how
 * a zone is taken over. In steps, since whoever copies has other things to do as well. The image that is copied may change
 * meanwhile; whoever changes it does the same again to the copy afterwards.
 */
import type { WireName } from '@signpost/dns/wire-name';

import { NameEntry, SetEntry, SetKind, ZoneEntry } from './layout.ts';
import { type ImageWriter, setCount, setsOf, setWords, type WrittenZone } from './write-image.ts';

/** Names between two steps: about a millisecond. */
const STEP = 1_024;

/** The zones of these apexes, or all; what `to` has of them is given up. Throws ImageFullError. */
export function* copyZones(
  from: ImageWriter,
  to: ImageWriter,
  apexes: Iterable<string> = from.zones.keys(),
): Generator<undefined, void> {
  const copies = new Map<number, WrittenZone>();
  for (const apex of apexes) {
    const zone = from.zones.get(apex);
    if (zone === undefined) continue;
    to.removeZone(apex);
    copies.set(zone.number, to.zone(apex));
  }
  let names = 0;
  for (const name of from.names) {
    const zone = copies.get(from.space.words[name + NameEntry.zone]!);
    if (zone === undefined || setCount(from.space.words, name) === 0) continue;
    copyName(from, name, to, zone);
    names += 1;
    if (names % STEP === 0) yield;
  }
  for (const zone of copies.values()) copyFacts(from, to, zone);
}

function copyName(from: ImageWriter, entry: number, to: ImageWriter, zone: WrittenZone): void {
  const { words, octets } = from.space;
  const length = words[entry + NameEntry.lengths]! & 0xffff;
  const start = (entry + NameEntry.sets + 2 * setCount(words, entry)) * 4;
  const name = octets.subarray(start, start + length) as WireName;
  const sets = setsOf(words, entry);
  const place = to.prepare(
    zone,
    name,
    sets.reduce((sum, set) => sum + setWords(words, set), 2 * sets.length),
  );
  to.putSets(
    place,
    sets.map((set) => copySet(from, set, to)),
  );
}

function copySet(from: ImageWriter, entry: number, to: ImageWriter): number {
  const { words } = from.space;
  const copy = to.place(words.subarray(entry, entry + setWords(words, entry)));
  const own = to.space.words;
  if (words[entry + SetEntry.type]! >>> 16 === SetKind.static) {
    own[copy + SetEntry.ready]! += copy - entry;
    return copy;
  }
  const policy = to.policies.putOctets(from.policies.octetsOf(words[entry + SetEntry.policy]!));
  to.policies.hold(policy);
  own[copy + SetEntry.policy] = policy;
  own[copy + SetEntry.policyNumber] = to.policies.numberOf(policy);
  return copy;
}

function copyFacts(from: ImageWriter, to: ImageWriter, zone: WrittenZone): void {
  const old = from.zones.get(zone.apex);
  if (old === undefined) return;
  const { words } = from.space;
  const soa = words[old.entry + ZoneEntry.soa]!;
  if (soa === 0) return;
  to.prepare(zone, zone.name, setWords(words, soa));
  to.serve(zone, copySet(from, soa, to), words[old.entry + ZoneEntry.negativeTtl]!);
}
