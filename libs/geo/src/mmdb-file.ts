/**
 * Opens a MaxMind DB with countries or cities and answers where an address is.
 *
 * Opening is the cold path: it checks the file, looks up a sample, and throws GeoDatabaseError. A
 * look-up is the hot path: it throws nothing and allocates nothing once a record is known.
 * Must not touch the file system; geo-file.ts does that.
 */
import { NOWHERE, nowhere, type Place } from '@signpost/contracts/place';
import { Reader, type Response } from 'maxmind';

import { addressText } from './address-text.ts';
import { checkedMetadata, checkSample } from './check-database.ts';
import { GeoDatabaseError } from './errors.ts';
import { PlaceCache } from './place-cache.ts';
import { readRecord, type RecordShape } from './read-record.ts';
import { SearchTree } from './search-tree.ts';

export interface GeoMetadata {
  /** As the file calls itself: `GeoLite2-City`. */
  readonly databaseType: string;
  /** When the file was built, in milliseconds since 1970. */
  readonly builtAtMs: number;
  readonly ipVersion: 4 | 6;
  readonly recordShape: RecordShape;
}

export interface GeoDatabase {
  readonly metadata: GeoMetadata;
  /**
   * Where the client with this address of 4 or 16 octets is. Never throws; what is not known is empty.
   *
   * `prefixLength` counts bits of the octets given: of ::ffff:a.b.c.d it is 96 more than of a.b.c.d. A
   * file for IPv4 alone knows nothing of IPv6 (the reader would name a wrong country), with length 0.
   */
  lookup(address: Uint8Array): Place;
  /** Networks met so far whose record could not be read; they count as nothing known. */
  unreadableRecords(): number;
}

/** `file` is only for messages. The octets are used in place, so they must not change afterwards. */
export function openGeoDatabase(octets: Uint8Array, file: string): GeoDatabase {
  const reader = openReader(octets, file);
  const metadata = checkedMetadata(octets, reader.metadata, file);
  const tree = new SearchTree(octets, metadata);
  const recordShape = checkSample(reader, tree, metadata, file);
  return new MmdbDatabase(reader, tree, {
    databaseType: metadata.databaseType,
    builtAtMs: metadata.builtAtMs,
    ipVersion: metadata.ipVersion,
    recordShape,
  });
}

/** For `signpost_geo_db_age_seconds`: how old the data is, not the file. Below 0 if clocks disagree. */
export function geoAgeSeconds(database: GeoDatabase, nowMs: number): number {
  return (nowMs - database.metadata.builtAtMs) / 1000;
}

function openReader(octets: Uint8Array, file: string): Reader<Response> {
  if (octets.length === 0) throw new GeoDatabaseError('SIGNPOST_GEO_EMPTY', file, 'the file is empty');
  try {
    return new Reader(Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength));
  } catch (error) {
    throw new GeoDatabaseError('SIGNPOST_GEO_CORRUPT', file, 'it is not a whole MaxMind DB file', error);
  }
}

class MmdbDatabase implements GeoDatabase {
  readonly metadata: GeoMetadata;
  readonly #reader: Reader<Response>;
  readonly #tree: SearchTree;
  readonly #cache = new PlaceCache();
  #unreadable = 0;

  constructor(reader: Reader<Response>, tree: SearchTree, metadata: GeoMetadata) {
    this.metadata = Object.freeze(metadata);
    this.#reader = reader;
    this.#tree = tree;
  }

  lookup(address: Uint8Array): Place {
    if (address.length === 4) return this.#find(address, 0, 0);
    if (address.length !== 16) return NOWHERE;
    if (isIpv4Mapped(address)) return this.#find(address, 12, 96);
    return this.metadata.ipVersion === 6 ? this.#find(address, 0, 0) : NOWHERE;
  }

  unreadableRecords(): number {
    return this.#unreadable;
  }

  /** `first`: the octet the look-up starts at; `skipped`: the bits of the address before it. */
  #find(address: Uint8Array, first: number, skipped: number): Place {
    const prefixLength = this.#tree.find(address, first) + skipped;
    const record = this.#tree.found;
    if (record === 0) return nowhere(prefixLength);
    return (
      this.#cache.get(record, prefixLength) ?? this.#decode(address.subarray(first), record, prefixLength)
    );
  }

  #decode(address: Uint8Array, record: number, prefixLength: number): Place {
    try {
      return this.#cache.set(record, prefixLength, readRecord(this.#reader.get(addressText(address))));
    } catch {
      this.#unreadable += 1; // a damaged spot behind the sampled ones must not stop an answer
      return nowhere(prefixLength);
    }
  }
}

/** ::ffff:0:0/96 (RFC 4291 2.5.5.2), as sockets for both families name IPv4 clients. */
function isIpv4Mapped(address: Uint8Array): boolean {
  for (let i = 0; i < 10; i += 1) if (address[i] !== 0) return false;
  return address[10] === 0xff && address[11] === 0xff;
}
