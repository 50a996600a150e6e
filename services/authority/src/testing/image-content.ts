/** For tests only: all that a reader can find in an image, in one order, so that images that came about in different ways compare. */
import assert from 'node:assert/strict';

import { formatName, parseName } from '@signpost/dns/name-text';
import { labelCount } from '@signpost/dns/wire-name';

import { ImageIndex } from '../image/image-index.ts';
import {
  EMPTY_SLOT,
  GONE_SLOT,
  Header,
  type ImageMemory,
  NameEntry,
  PolicyEntry,
  SetEntry,
  SetKind,
  ZoneEntry,
} from '../image/layout.ts';
import { suffixHash } from '@signpost/dns/suffix-hash';
import { setsOf } from '../image/write-image.ts';

export interface ZoneContent {
  readonly redirects: number;
  readonly negativeTtl: number;
  readonly soa: unknown;
  /** By owner. */
  readonly names: Readonly<Record<string, NameContent>>;
}

export interface NameContent {
  readonly sets: readonly unknown[];
  readonly children: number;
  readonly flags: number;
  /** What the `*` below the name holds; undefined: there is none. */
  readonly wildcard: readonly unknown[] | undefined;
}

/** By apex; served zones alone. Also asserts that each name is found, and no deeper than the zone says. */
export function contentOf(memory: ImageMemory): Record<string, ZoneContent> {
  const index = new ImageIndex(memory);
  const zones: [string, ZoneContent][] = [];
  for (const entry of entriesOf(index, Header.zones)) {
    const length = index.words[entry + ZoneEntry.lengths]! & 0xffff;
    const name = index.octets.slice((entry + ZoneEntry.name) * 4, (entry + ZoneEntry.name) * 4 + length);
    const found = index.findZone(name, 0, length, suffixHash(name));
    if (index.words[entry + ZoneEntry.soa] === 0) assert.equal(found, 0);
    else assert.equal(found, entry);
    if (found !== 0) zones.push([formatName(name), zoneContent(index, entry)]);
  }
  return Object.fromEntries(zones.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function* entriesOf({ words }: ImageIndex, header: number): Generator<number> {
  const table = words[header]!;
  for (const entry of words.subarray(table + 1, table + 2 + words[table]!)) {
    if (entry !== EMPTY_SLOT && entry !== GONE_SLOT) yield entry;
  }
}

function zoneContent(index: ImageIndex, zone: number): ZoneContent {
  const { words } = index;
  const names: [string, NameContent][] = [];
  for (const entry of entriesOf(index, Header.names)) {
    if (words[entry + NameEntry.zone] !== words[zone + ZoneEntry.number]) continue;
    const name = nameOf(index, entry);
    assert.equal(index.findName(zone, name, 0, name.length, suffixHash(name)), entry);
    assert.ok(words[zone + ZoneEntry.mostLabels]! >= labelCount(parseName(formatName(name))));
    names.push([formatName(name), nameContent(index, zone, entry, name)]);
  }
  return {
    redirects: words[zone + ZoneEntry.redirects]!,
    negativeTtl: words[zone + ZoneEntry.negativeTtl]!,
    soa: [setContent(index, words[zone + ZoneEntry.soa]!), words[zone + ZoneEntry.soaPointers]],
    names: Object.fromEntries(names.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function nameContent(index: ImageIndex, zone: number, entry: number, name: Uint8Array): NameContent {
  const { words } = index;
  const wildcard = index.findWildcard(entry);
  const star = Uint8Array.of(1, 0x2a, ...name);
  // The link and the table lead to the same.
  assert.equal(wildcard, index.findName(zone, star, 0, star.length, suffixHash(star)));
  return {
    sets: setsOf(words, entry).map((set) => setContent(index, set)),
    children: words[entry + NameEntry.children]!,
    flags: words[entry + NameEntry.flags]!,
    wildcard: wildcard === 0 ? undefined : setsOf(words, wildcard).map((set) => setContent(index, set)),
  };
}

function setContent(index: ImageIndex, set: number): unknown {
  const { words, octets } = index;
  const [type, ttl] = [words[set + SetEntry.type]!, words[set + SetEntry.ttl]];
  const hex = (at: number, length: number) =>
    Buffer.from(octets.slice(at * 4, at * 4 + length)).toString('hex');
  if (type >>> 16 === SetKind.steered) {
    const policy = words[set + SetEntry.policy]!;
    assert.equal(words[set + SetEntry.policyNumber], words[policy + PolicyEntry.number]);
    const text = hex(policy + PolicyEntry.octets, words[policy + PolicyEntry.length]!);
    return { type, ttl, seed: words[set + SetEntry.seed], policy: text };
  }
  const [plainLength, readyLength] = [words[set + SetEntry.plainLength]!, words[set + SetEntry.readyLength]!];
  const plain = hex(set + SetEntry.plain, plainLength);
  const ready = hex(words[set + SetEntry.ready]!, Math.max(readyLength, 0));
  return { type, ttl, records: words[set + SetEntry.records], plainLength, readyLength, plain, ready };
}

function nameOf({ words, octets }: ImageIndex, entry: number): Uint8Array {
  const lengths = words[entry + NameEntry.lengths]!;
  const start = (entry + NameEntry.sets + 2 * (lengths >>> 16)) * 4;
  return octets.slice(start, start + (lengths & 0xffff));
}
