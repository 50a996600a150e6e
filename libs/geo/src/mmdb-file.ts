/**
 * Opens a MaxMind DB, of countries and cities or of autonomous systems, and answers what it says of an address.
 *
 * Opening is the cold path: it checks the file, looks up a sample, and throws GeoDatabaseError. A
 * look-up is the hot path: it throws nothing and allocates nothing once a record is known.
 * Must not touch the file system; geo-file.ts does that.
 */
import type { NetworkTree } from '@signpost/contracts/network-tree';
import type { ClientSystem, Place } from '@signpost/contracts/place';
import { Reader, type Response } from 'maxmind';

import { addressText } from './address-text.ts';
import { checkedMetadata, checkSample } from './check-database.ts';
import { type DatabaseSource, GeoDatabaseError } from './errors.ts';
import { NetworkCache } from './network-cache.ts';
import { MmdbNetworks } from './network-tree.ts';
import { placeRecords } from './read-place.ts';
import { systemRecords } from './read-system.ts';
import type { Found, RecordKind } from './record-kind.ts';
import { SearchTree, type TreeShape } from './search-tree.ts';

export interface GeoMetadata {
  /** As the file calls itself: `GeoLite2-City`. */
  readonly databaseType: string;
  /** When the file was built, in milliseconds since 1970. */
  readonly builtAtMs: number;
  readonly ipVersion: 4 | 6;
  /** Of its records: `flat`, `nested`; `number`, `short`. */
  readonly recordShape: string;
}

export interface NetworkDatabase<Value extends Found> {
  readonly metadata: GeoMetadata;
  /**
   * What is known of the client with this address of 4 or 16 octets. Never throws; what is not known is empty.
   *
   * `prefixLength` counts bits of the octets given: of ::ffff:a.b.c.d it is 96 more than of a.b.c.d. A
   * file for IPv4 alone knows nothing of IPv6 (the reader would name a wrong country), with length 0.
   */
  lookup(address: Uint8Array): Value;
  /** Networks met so far whose record could not be read; they count as nothing known. */
  unreadableRecords(): number;
  /** All of it. A new one at each call, which keeps what it has read. */
  networks(): NetworkTree<Value>;
}

/** Where clients are. */
export type GeoDatabase = NetworkDatabase<Place>;

/** Which autonomous systems clients belong to. */
export type SystemDatabase = NetworkDatabase<ClientSystem>;

/** `file` is only for messages. The octets are used in place, so they must not change afterwards. */
export function openGeoDatabase(octets: Uint8Array, file: string): GeoDatabase {
  return openDatabase(octets, file, placeRecords);
}

/** As `openGeoDatabase`. */
export function openSystemDatabase(octets: Uint8Array, file: string): SystemDatabase {
  return openDatabase(octets, file, systemRecords);
}

export function openDatabase<Value extends Found>(
  octets: Uint8Array,
  file: string,
  kind: RecordKind<Value>,
): NetworkDatabase<Value> {
  const reader = openReader(octets, { file, kind });
  const metadata = checkedMetadata(octets, reader.metadata, { file, kind });
  const tree = new SearchTree(octets, metadata);
  const recordShape = checkSample(reader, tree, metadata, kind, file);
  const { databaseType, builtAtMs, ipVersion } = metadata;
  return new MmdbDatabase(reader, tree, kind, metadata, { databaseType, builtAtMs, ipVersion, recordShape });
}

/** How old the data is, not the file. Below 0 if clocks disagree. */
export function geoAgeSeconds({ metadata }: { readonly metadata: GeoMetadata }, nowMs: number): number {
  return (nowMs - metadata.builtAtMs) / 1000;
}

function openReader(octets: Uint8Array, source: DatabaseSource): Reader<Response> {
  if (octets.length === 0) throw new GeoDatabaseError('SIGNPOST_GEO_EMPTY', source, 'the file is empty');
  try {
    return new Reader(Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength));
  } catch (error) {
    throw new GeoDatabaseError('SIGNPOST_GEO_CORRUPT', source, 'it is not a whole MaxMind DB file', error);
  }
}

class MmdbDatabase<Value extends Found> implements NetworkDatabase<Value> {
  readonly metadata: GeoMetadata;
  readonly #reader: Reader<Response>;
  readonly #tree: SearchTree;
  readonly #kind: RecordKind<Value>;
  readonly #shape: TreeShape;
  readonly #cache: NetworkCache<Value>;
  #unreadable = 0;

  constructor(
    reader: Reader<Response>,
    tree: SearchTree,
    kind: RecordKind<Value>,
    shape: TreeShape,
    metadata: GeoMetadata,
  ) {
    this.metadata = Object.freeze(metadata);
    this.#reader = reader;
    this.#tree = tree;
    this.#kind = kind;
    this.#shape = shape;
    this.#cache = new NetworkCache((value) => kind.keyOf(value), shape.nodeCount);
  }

  lookup(address: Uint8Array): Value {
    if (address.length === 4) return this.#find(address, 0, 0);
    if (address.length !== 16) return this.#kind.nothing(0);
    if (isIpv4Mapped(address)) return this.#find(address, 12, 96);
    return this.metadata.ipVersion === 6 ? this.#find(address, 0, 0) : this.#kind.nothing(0);
  }

  unreadableRecords(): number {
    return this.#unreadable;
  }

  networks(): NetworkTree<Value> {
    return new MmdbNetworks(this.#reader, this.#tree, this.#kind, this.#shape);
  }

  /** `first`: the octet the look-up starts at; `skipped`: the bits of the address before it. */
  #find(address: Uint8Array, first: number, skipped: number): Value {
    const prefixLength = this.#tree.find(address, first) + skipped;
    const record = this.#tree.found;
    if (record === 0) return this.#kind.nothing(prefixLength);
    return (
      this.#cache.get(record, prefixLength) ?? this.#decode(address.subarray(first), record, prefixLength)
    );
  }

  #decode(address: Uint8Array, record: number, prefixLength: number): Value {
    try {
      const read = this.#kind.read(this.#reader.get(addressText(address)), prefixLength);
      return this.#cache.set(record, read);
    } catch {
      this.#unreadable += 1; // a damaged spot behind the sampled ones must not stop an answer
      return this.#kind.nothing(prefixLength);
    }
  }
}

/** ::ffff:0:0/96 (RFC 4291 2.5.5.2), as sockets for both families name IPv4 clients. */
function isIpv4Mapped(address: Uint8Array): boolean {
  for (let i = 0; i < 10; i += 1) if (address[i] !== 0) return false;
  return address[10] === 0xff && address[11] === 0xff;
}
