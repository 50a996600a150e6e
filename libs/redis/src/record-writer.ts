/**
 * The record store as its one writer sees it. Each write is one script, so that token, base, record sets, feed and
 * generation move together or not at all. It must not decide what to publish.
 */
import { readFileSync } from 'node:fs';

import type { Generation } from '@signpost/contracts/brands';
import { changesToKeep, keys, recordSetField } from '@signpost/contracts/keys';
import { generationSchema, type Publication } from '@signpost/contracts/publication';
import {
  StoreError,
  type FencingToken,
  type PublishOutcome,
  type RecordWriter,
  type StoredRecords,
} from '@signpost/contracts/record-store';
import { decodeStored, encodePublication, tickSchema } from '@signpost/contracts/stored-value';

import { decodeEntry, ENTRIES_PER_READ, type StreamEntry } from './change-feed.ts';
import { RedisConnection, type RedisConnectionOptions } from './connection.ts';
import { readGeneration, readLatencies, readRecords } from './read-records.ts';

/** Starts to connect and returns at once. */
export function openRecordWriter(options: RedisConnectionOptions): RedisRecordWriter {
  return new RedisRecordWriter(options);
}

export class RedisRecordWriter implements RecordWriter, AsyncDisposable {
  readonly #connection: RedisConnection;
  readonly #publishScript = readScript('publish-4');
  readonly #tickScript = readScript('tick-2');
  readonly #latencyScript = readScript('latency-2');

  constructor(options: RedisConnectionOptions) {
    this.#connection = new RedisConnection(options);
  }

  generation(): Promise<Generation> {
    return readGeneration(this.#connection);
  }

  readAll(): Promise<StoredRecords> {
    return readRecords(this.#connection);
  }

  async publish(publication: Publication, token: FencingToken): Promise<PublishOutcome> {
    const { keys: scriptKeys, values } = publishArguments(publication, token);
    const reply = await this.#connection.ask('publish', (redis) =>
      redis.eval(this.#publishScript, scriptKeys.length, ...scriptKeys, ...values),
    );
    return decodeOutcome(reply as string[]);
  }

  async publicationsAfter(generation: Generation): Promise<readonly Publication[]> {
    const publications: Publication[] = [];
    for (let after = `${generation}-1`; ;) {
      const entries = (await this.#connection.ask(keys.changes, (redis) =>
        redis.xrange(keys.changes, after, '+', 'COUNT', ENTRIES_PER_READ),
      )) as StreamEntry[];
      for (const entry of entries) {
        const publication = decodeIfReadable(entry);
        if (publication !== undefined) publications.push(publication);
      }
      if (entries.length < ENTRIES_PER_READ) return publications;
      after = `(${entries.at(-1)![0]}`;
    }
  }

  async tick(atMs: number, token: FencingToken): Promise<void> {
    const tick = JSON.stringify(tickSchema.parse({ atMs }));
    await this.#connection.ask('tick', (redis) =>
      redis.eval(this.#tickScript, 2, keys.controller, keys.writer, token.createdAtMs, token.revision, tick),
    );
  }

  async latencies(): Promise<Uint8Array | undefined> {
    return readLatencies(this.#connection);
  }

  async putLatencies(octets: Uint8Array, token: FencingToken): Promise<void> {
    const value = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
    const { createdAtMs, revision } = token;
    await this.#connection.ask(keys.latency, (redis) =>
      redis.eval(this.#latencyScript, 2, keys.latency, keys.writer, createdAtMs, revision, value),
    );
  }

  connected(): boolean {
    return this.#connection.connected();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}

/** Of another version, or edited by hand: it cannot be announced any more, and must not keep others from it. */
function decodeIfReadable(entry: StreamEntry): Publication | undefined {
  try {
    return decodeEntry(entry).publication;
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

function readScript(name: string): string {
  return readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8');
}

/** In the order that the head of the script tells. */
function publishArguments(
  publication: Publication,
  token: FencingToken,
): { keys: string[]; values: string[] } {
  const text = encodePublication(publication);
  const { base, generation, changes, zones } = publication;
  const apexes = [...new Set([...changes.map(({ zone }) => zone), ...Object.keys(zones)])];
  const zoneNumbers = new Map(apexes.map((apex, i) => [apex, String(i + 1)]));
  const recordSets = changes.flatMap(({ zone, owner, type, after }) => [
    zoneNumbers.get(zone)!,
    recordSetField(owner, type),
    after === null ? '' : JSON.stringify(after),
  ]);
  const facts = Object.entries(zones).flatMap(([apex, value]) => [
    zoneNumbers.get(apex)!,
    value === null ? '' : JSON.stringify(value),
  ]);
  return {
    keys: [keys.generation, keys.writer, keys.changes, keys.zones, ...apexes.map((apex) => keys.zone(apex))],
    values: [
      ...[token.createdAtMs, token.revision, base, generation].map(String),
      text,
      String(changesToKeep(text.length)),
      ...counted(apexes.length, apexes),
      ...counted(changes.length, recordSets),
      ...counted(Object.keys(zones).length, facts),
    ],
  };
}

function counted(count: number, values: readonly string[]): string[] {
  return [String(count), ...values];
}

function decodeOutcome([kind, first, second]: readonly string[]): PublishOutcome {
  switch (kind) {
    case 'published':
      return { kind };
    case 'fenced':
      return { kind, by: { createdAtMs: Number(first), revision: Number(second) } };
    case 'base_mismatch':
      return { kind, stored: decodeStored(generationSchema, first ?? '', keys.generation) };
    default:
      throw new StoreError(`publish: the script answered ${String(kind)}`);
  }
}
