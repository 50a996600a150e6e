/**
 * The record store within one process: one writer side, any number of readers. For the embedded default and for
 * tests; it makes the same checks as the script in libs/redis, which one suite proves. Values are kept as text,
 * as in Redis, so that nobody shares objects. It must not decide what to publish.
 */
import { NO_GENERATION, type Generation } from '@signpost/contracts/brands';
import { CHANGES_KEPT, keys, recordSetField } from '@signpost/contracts/keys';
import { publicationSchema, type Publication } from '@signpost/contracts/publication';
import {
  compareTokens,
  StoreError,
  type FencingToken,
  type PositionedPublication,
  type PublishOutcome,
  type ReadZone,
  type RecordReader,
  type RecordWriter,
  type StoredRecords,
  type StoredZone,
} from '@signpost/contracts/record-store';
import { LATENCY_HEAD_LENGTH } from '@signpost/contracts/stored-latencies';
import {
  decodeReadZone,
  decodeStored,
  decodeStoredZone,
  encodePublication,
  type StoredZoneText,
} from '@signpost/contracts/stored-value';

export interface MemoryRecordStore {
  readonly writer: RecordWriter;
  /** A reader of its own; dispose it. */
  reader(): RecordReader;
  /** Cuts off, or lets back in, the writer and all readers. */
  setReachable(reachable: boolean): void;
  /** Loses everything stored. */
  wipe(): void;
}

interface MemoryOptions {
  /** Publications kept in the change feed. */
  readonly changesKept?: number;
}

export function createMemoryRecordStore({
  changesKept = CHANGES_KEPT,
}: MemoryOptions = {}): MemoryRecordStore {
  const records = new Records(changesKept);
  return {
    writer: writerOf(records),
    reader: () => new MemoryReader(records),
    setReachable: (reachable) => records.setReachable(reachable),
    wipe: () => records.wipe(),
  };
}

interface ZoneText {
  facts: string | undefined;
  readonly recordSets: Map<string, string>;
}

interface ChangeText {
  readonly generation: Generation;
  readonly text: string;
}

/** What Redis would hold. */
class Records {
  generation = NO_GENERATION;
  token: FencingToken | undefined;
  changes: ChangeText[] = [];
  lastTickMs: number | undefined;
  latencies: Uint8Array | undefined;
  readonly zones = new Map<string, ZoneText>();
  /** Told after each publication and whenever the store is cut off. */
  readonly changed = new Set<() => void>();
  readonly #changesKept: number;
  reachable = true;

  constructor(changesKept: number) {
    this.#changesKept = changesKept;
  }

  check(): void {
    if (!this.reachable) throw new StoreError('the store is not reached');
  }

  setReachable(reachable: boolean): void {
    this.reachable = reachable;
    this.#tellChanged();
  }

  wipe(): void {
    this.generation = NO_GENERATION;
    this.token = undefined;
    this.changes = [];
    this.lastTickMs = undefined;
    this.latencies = undefined;
    this.zones.clear();
  }

  apply(publication: Publication, text: string): void {
    for (const change of publication.changes) this.#write(change);
    for (const [apex, facts] of Object.entries(publication.zones)) {
      if (facts === null) this.zones.delete(apex);
      else this.#zone(apex).facts = JSON.stringify(facts);
    }
    this.changes.push({ generation: publication.generation, text });
    if (this.changes.length > this.#changesKept) this.changes.shift();
    this.generation = publication.generation;
    this.#tellChanged();
  }

  readAll(): StoredRecords {
    const zones = new Map<string, StoredZone>();
    for (const zone of this.zoneTexts()) zones.set(zone.apex, decodeStoredZone(zone));
    return { generation: this.generation, zones };
  }

  /** Each as it is when it is asked for, and as it stays whatever is written meanwhile. */
  *zoneTexts(): Generator<StoredZoneText> {
    for (const [apex, { facts = '', recordSets }] of this.zones) {
      yield { apex, facts, recordSets: [...recordSets] };
    }
  }

  changesAfter(generation: number): PositionedPublication[] {
    return this.changes
      .filter((change) => change.generation > generation)
      .map((change) => ({
        position: String(change.generation),
        publication: decodeStored(publicationSchema, change.text, `${keys.changes} ${change.generation}`),
      }));
  }

  #write({ zone, owner, type, after }: Publication['changes'][number]): void {
    const field = recordSetField(owner, type);
    if (after === null) this.zones.get(zone)?.recordSets.delete(field);
    else this.#zone(zone).recordSets.set(field, JSON.stringify(after));
  }

  #zone(apex: string): ZoneText {
    const zone = this.zones.get(apex) ?? { facts: undefined, recordSets: new Map<string, string>() };
    this.zones.set(apex, zone);
    return zone;
  }

  #tellChanged(): void {
    for (const listener of this.changed) listener();
  }
}

function writerOf(records: Records): RecordWriter {
  const isOlder = (token: FencingToken) =>
    records.token !== undefined && compareTokens(token, records.token) < 0;
  return {
    generation: async () => {
      records.check();
      return records.generation;
    },
    readAll: async () => {
      records.check();
      return records.readAll();
    },
    publish: async (publication, token): Promise<PublishOutcome> => {
      records.check();
      const text = encodePublication(publication);
      if (isOlder(token)) return { kind: 'fenced', by: { ...records.token! } };
      if (records.generation !== publication.base)
        return { kind: 'base_mismatch', stored: records.generation };
      records.token = { ...token };
      records.apply(publication, text);
      return { kind: 'published' };
    },
    publicationsAfter: async (generation) => {
      records.check();
      return records.changesAfter(generation).map(({ publication }) => publication);
    },
    tick: async (atMs, token) => {
      records.check();
      if (isOlder(token)) return;
      records.token = { ...token };
      records.lastTickMs = atMs;
    },
    latencies: async () => {
      records.check();
      return records.latencies?.slice();
    },
    putLatencies: async (octets, token) => {
      records.check();
      if (isOlder(token)) return;
      records.token = { ...token };
      records.latencies = octets.slice();
    },
  };
}

class MemoryReader implements RecordReader {
  readonly #records: Records;
  readonly #disposed = new AbortController();

  constructor(records: Records) {
    this.#records = records;
  }

  async position(): Promise<string> {
    this.#check();
    return String(this.#records.changes.at(-1)?.generation ?? NO_GENERATION);
  }

  async *readZones(): AsyncGenerator<ReadZone> {
    this.#check();
    for (const zone of this.#records.zoneTexts()) {
      yield decodeReadZone(zone);
      this.#check();
    }
  }

  async generation(): Promise<Generation> {
    this.#check();
    return this.#records.generation;
  }

  async changesAfter(position: string, waitMs: number): Promise<readonly PositionedPublication[]> {
    this.#check();
    const present = this.#records.changesAfter(Number(position));
    if (present.length > 0) return present;
    await this.#nextChange(waitMs);
    this.#check();
    return this.#records.changesAfter(Number(position));
  }

  async lastTickMs(): Promise<number | undefined> {
    this.#check();
    return this.#records.lastTickMs;
  }

  async latencies(known: Uint8Array | undefined): Promise<Uint8Array | 'known' | undefined> {
    this.#check();
    const { latencies } = this.#records;
    if (latencies === undefined || known === undefined) return latencies?.slice();
    const isKnown = latencies.subarray(0, LATENCY_HEAD_LENGTH).every((octet, i) => octet === known[i]);
    return isKnown ? 'known' : latencies.slice();
  }

  connected(): boolean {
    return this.#records.reachable && !this.#disposed.signal.aborted;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
  }

  #check(): void {
    if (this.#disposed.signal.aborted) throw new StoreError('the reader is disposed');
    this.#records.check();
  }

  /** Returns after a change, when cut off or disposed, or after `waitMs`. */
  async #nextChange(waitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    const wake = () => resolve();
    this.#records.changed.add(wake);
    this.#disposed.signal.addEventListener('abort', wake, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#records.changed.delete(wake);
      this.#disposed.signal.removeEventListener('abort', wake);
    }
  }
}
