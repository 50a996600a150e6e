/**
 * H13: the image as the general path reads it. Zones, names and policies become objects when they are first asked for;
 * entries never change, so what was made of one holds as long as the image does. Finding allocates nothing once the
 * object is there. Common answers need no objects: they are `fast/`'s.
 */
import { RRType } from '@signpost/dns/constants';
import { formatName } from '@signpost/dns/name-text';
import { suffixHash } from '@signpost/dns/suffix-hash';
import { readUint16 } from '@signpost/dns/uint16';
import type { WireName } from '@signpost/dns/wire-name';

import type { FlattenedFor } from '../client/flattened-rules.ts';
import { NO_SLOT, type SlotOf } from '../count/target-times.ts';
import { buildPolicy, readyRecord } from '../replica/build-rrset.ts';
import type {
  Finder,
  NameNode,
  NamesOfZone,
  Policy,
  PolicySource,
  ReadyRecord,
  RRset,
  Snapshot,
  StartOfAuthority,
  StaticRRset,
  Zone,
} from '../replica/zone.ts';
import { ImageIndex } from './image-index.ts';
import {
  Header,
  type ImageMemory,
  NameEntry,
  NameFlag,
  PolicyEntry,
  RECORD_HEADER,
  SetEntry,
  SetKind,
  ZoneEntry,
} from './layout.ts';

/** Objects of a kind that are kept; beyond that all are forgotten and made again. */
const MOST_KEPT = 2 ** 16;
const MOST_POLICIES = 2 ** 14;

export class ImageSnapshot implements Snapshot {
  readonly index: ImageIndex;
  readonly served: Finder<Zone>;
  readonly #slotOf: SlotOf;
  readonly #flattenedFor: FlattenedFor | undefined;
  /** By entry. */
  readonly #zones = new Map<number, Zone>();
  readonly #names = new Map<number, NameNode>();
  /** By number. */
  #policies: (Policy | undefined)[] = [];
  #policyCount = 0;

  /** `slotOf`: where the last answer of a target is noted; absent: nowhere. `flattenedFor` absent: rules are walked. */
  constructor(memory: ImageMemory, slotOf: SlotOf = () => NO_SLOT, flattenedFor?: FlattenedFor) {
    this.index = new ImageIndex(memory);
    this.#slotOf = slotOf;
    this.#flattenedFor = flattenedFor;
    this.served = {
      find: (octets, start, end) => {
        const entry = this.index.findZone(octets, start, end, suffixHash(octets, start, end));
        return entry === 0 ? undefined : this.zoneAt(entry);
      },
    };
  }

  get mostApexLabels(): number {
    return this.index.words[Header.mostApexLabels]!;
  }

  zoneAt(entry: number): Zone {
    return this.#zones.get(entry) ?? kept(this.#zones, entry, this.#readZone(entry));
  }

  nameAt(entry: number): NameNode {
    return this.#names.get(entry) ?? kept(this.#names, entry, this.#readName(entry));
  }

  /** Of a steered record set. */
  policyOf(set: number): Policy {
    const { words } = this.index;
    const known = this.#policies[words[set + SetEntry.policyNumber]!];
    return known ?? this.#keepPolicy(words[set + SetEntry.policyNumber]!, words[set + SetEntry.policy]!);
  }

  /** Of the record set at `entry`. */
  rrsetAt(entry: number): RRset {
    const { words } = this.index;
    const type = words[entry + SetEntry.type]! & 0xffff;
    const ttlSeconds = words[entry + SetEntry.ttl]!;
    if (words[entry + SetEntry.type]! >>> 16 === SetKind.steered) {
      return {
        kind: 'steered',
        type,
        ttlSeconds,
        policy: this.policyOf(entry),
        seed: words[entry + SetEntry.seed]!,
      };
    }
    return { kind: 'static', type, ttlSeconds, records: this.#readRecords(entry, type) };
  }

  #keepPolicy(number: number, entry: number): Policy {
    const { words, octets } = this.index;
    const start = (entry + PolicyEntry.octets) * 4;
    const text = Buffer.from(octets.slice(start, start + words[entry + PolicyEntry.length]!)).toString();
    const set = JSON.parse(text) as PolicySource; // as this program wrote it
    const policy = buildPolicy(set, this.#slotOf, this.#flattenedFor?.(set));
    if (this.#policyCount === MOST_POLICIES) {
      this.#policies = [];
      this.#policyCount = 0;
    }
    this.#policyCount += 1;
    while (this.#policies.length < number) this.#policies.push(undefined);
    this.#policies[number] = policy;
    return policy;
  }

  #readZone(entry: number): Zone {
    const { index } = this;
    const { words } = index;
    const lengths = words[entry + ZoneEntry.lengths]!;
    const name = this.#copyName(entry + ZoneEntry.name, lengths & 0xffff);
    return {
      entry,
      name,
      hash: words[entry + ZoneEntry.hash]!,
      apex: formatName(name),
      apexLabels: lengths >>> 16,
      soa: this.#readSoa(entry),
      names: this.#namesOf(entry),
      get redirects() {
        return words[entry + ZoneEntry.redirects]!;
      },
      get mostLabels() {
        return words[entry + ZoneEntry.mostLabels]!;
      },
    };
  }

  #readSoa(zone: number): StartOfAuthority {
    const { words } = this.index;
    const set = words[zone + ZoneEntry.soa]!;
    return {
      records: [this.#readRecords(set, RRType.SOA)[0]!],
      ttlSeconds: words[set + SetEntry.ttl]!,
      negativeTtlSeconds: words[zone + ZoneEntry.negativeTtl]!,
    };
  }

  #namesOf(zone: number): NamesOfZone {
    const { index } = this;
    return {
      get moves() {
        return index.moves;
      },
      find: (octets, start, end) => {
        const entry = index.findName(zone, octets, start, end, suffixHash(octets, start, end));
        return entry === 0 ? undefined : this.nameAt(entry);
      },
      wildcardOf: (node) => {
        const entry = index.findWildcard(node.entry);
        return entry === 0 ? undefined : this.nameAt(entry);
      },
    };
  }

  #readName(entry: number): NameNode {
    const { words } = this.index;
    const lengths = words[entry + NameEntry.lengths]!;
    const count = lengths >>> 16;
    const rrsets = Array.from({ length: count }, (_, i) =>
      this.rrsetAt(words[entry + NameEntry.sets + 2 * i + 1]!),
    );
    const flags = words[entry + NameEntry.flags]!;
    return {
      entry,
      name: this.#copyName(entry + NameEntry.sets + 2 * count, lengths & 0xffff),
      hash: words[entry + NameEntry.hash]!,
      rrsets,
      isCut: (flags & NameFlag.cut) !== 0,
      dname: (flags & NameFlag.dname) === 0 ? undefined : dnameOf(rrsets),
    };
  }

  #readRecords(set: number, type: number): ReadyRecord[] {
    const { words, octets } = this.index;
    let at = (set + SetEntry.plain) * 4;
    return Array.from({ length: words[set + SetEntry.records]! }, () => {
      const start = at + RECORD_HEADER;
      at = start + readUint16(octets, start - 2);
      return readyRecord(type, copyOf(octets, start, at));
    });
  }

  #copyName(at: number, length: number): WireName {
    return copyOf(this.index.octets, at * 4, at * 4 + length) as WireName;
  }
}

/** In memory of this thread's own: octets of the general path come from there alone. */
function copyOf(octets: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  for (let i = 0; i < copy.length; i += 1) copy[i] = octets[start + i]!;
  return copy;
}

function kept<Entry>(map: Map<number, Entry>, key: number, entry: Entry): Entry {
  if (map.size === MOST_KEPT) map.clear();
  map.set(key, entry);
  return entry;
}

function dnameOf(rrsets: readonly RRset[]): StaticRRset | undefined {
  return rrsets.find((rrset) => rrset.kind === 'static' && rrset.type === RRType.DNAME) as
    | StaticRRset
    | undefined;
}
