/**
 * The source of records where there is no Redis: zone files, read at the start and at each `reload`. To the follower
 * it is one more store whose every reload is a new generation, so what answers from files is what answers from
 * Redis. A zone whose file is no good stays as it was, or is not served if it never was good; all others are.
 */
import { NO_GENERATION, nextGeneration, type Generation } from '@signpost/contracts/brands';
import type { Publication } from '@signpost/contracts/publication';
import type {
  PositionedPublication,
  ReadZone,
  RecordReader,
  StoredRecords,
  StoredZone,
} from '@signpost/contracts/record-store';
import { loadZone, placed } from '@signpost/dns/zone-file/load-zone';

import { storedZone } from '@signpost/config/stored-zone';
import type { ZoneFile } from './zone-list.ts';

export interface ZoneFileReaderOptions {
  /** A file's content; throws what says why it cannot be read. */
  readonly readText: (path: string) => string;
  readonly now: () => number;
  /** Disposed with the reader. */
  readonly hangup?: Disposable;
}

/** What came of one zone; `lines` say `FILE:line:col what`. */
export interface RefusedZone {
  readonly origin: string;
  readonly lines: readonly string[];
  /** The zone is still served as it was. */
  readonly kept: boolean;
}

export interface Reloaded {
  readonly served: number;
  readonly refused: readonly RefusedZone[];
}

export class ZoneFileReader implements RecordReader {
  readonly #options: ZoneFileReaderOptions;
  #records: StoredRecords = { generation: NO_GENERATION, zones: new Map() };
  #changed = Promise.withResolvers<void>();

  constructor(options: ZoneFileReaderOptions) {
    this.#options = options;
  }

  /** Reads all files anew; what they hold is visible when this returns. Never throws on account of a file. */
  reload(files: readonly ZoneFile[]): Reloaded {
    const { readText, now } = this.#options;
    const zones = new Map<string, StoredZone>();
    const refused: RefusedZone[] = [];
    for (const { origin, file } of files) {
      const { records, mistakes } = loadZone(origin, file, readText, false);
      const old = this.#records.zones.get(origin);
      const zone = mistakes.length === 0 ? storedZone(records) : old;
      if (mistakes.length > 0) refused.push({ origin, lines: mistakes.map(placed), kept: old !== undefined });
      if (zone !== undefined) zones.set(origin, zone);
    }
    // One more than needed, so that the generation before it is one that nobody ever served.
    const generation = nextGeneration((this.#records.generation + 1) as Generation, now());
    this.#records = { generation, zones };
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
    return { served: zones.size, refused };
  }

  async position(): Promise<string> {
    return String(this.#records.generation);
  }

  async *readZones(): AsyncGenerator<ReadZone> {
    for (const [apex, zone] of this.#records.zones) yield { apex, ...zone };
  }

  async generation(): Promise<Generation> {
    return this.#records.generation;
  }

  /** After a reload one publication that follows on nothing, which makes a follower read everything. */
  async changesAfter(position: string, waitMs: number): Promise<readonly PositionedPublication[]> {
    if (this.#isAt(position)) await this.#nextReload(waitMs);
    const { generation } = this.#records;
    if (this.#isAt(position)) return [];
    const base = (generation - 1) as Generation;
    const publication: Publication = {
      base,
      generation,
      atMs: this.#options.now(),
      why: ['zone files reloaded'],
      changes: [],
      zones: {},
    };
    return [{ position: String(generation), publication }];
  }

  /** Files have no writer that could fall silent. */
  async lastTickMs(): Promise<number> {
    return this.#options.now();
  }

  /** Nobody measures where there is no controller. */
  async latencies(): Promise<undefined> {
    return undefined;
  }

  connected(): boolean {
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.hangup?.[Symbol.dispose]();
    this.#changed.resolve();
  }

  #isAt(position: string): boolean {
    return Number(position) === this.#records.generation;
  }

  async #nextReload(waitMs: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    await Promise.race([this.#changed.promise, late]);
    clearTimeout(timer);
  }
}
