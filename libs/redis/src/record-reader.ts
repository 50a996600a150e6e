/**
 * The record store as an authority reads it, with read-only commands. Waiting for changes has a connection of its
 * own, else all other questions would wait behind it. It must not write anything, nor decide when to swap.
 */
import type { Generation } from '@signpost/contracts/brands';
import { keys } from '@signpost/contracts/keys';
import type {
  FeedPosition,
  PositionedPublication,
  ReadZone,
  RecordReader,
} from '@signpost/contracts/record-store';
import { LATENCY_HEAD_LENGTH } from '@signpost/contracts/stored-latencies';
import { decodeReadZone, decodeStored, tickSchema } from '@signpost/contracts/stored-value';

import { decodeEntry, ENTRIES_PER_READ, FEED_START, type StreamEntry } from './change-feed.ts';
import { QUESTION_TIMEOUT_MS, RedisConnection, type RedisConnectionOptions } from './connection.ts';
import { readGeneration, readLatencies, readZoneTexts } from './read-records.ts';

/** Starts to connect and returns at once. */
export function openRecordReader(options: RedisConnectionOptions): RecordReader {
  return new RedisRecordReader(options);
}

class RedisRecordReader implements RecordReader {
  readonly #connection: RedisConnection;
  readonly #feed: RedisConnection;

  constructor(options: RedisConnectionOptions) {
    this.#connection = new RedisConnection(options);
    this.#feed = new RedisConnection({ ...options, name: `${options.name}-feed` });
  }

  async position(): Promise<FeedPosition> {
    const entries = await this.#connection.ask(keys.changes, (redis) =>
      redis.xrevrange(keys.changes, '+', '-', 'COUNT', 1),
    );
    return entries[0]?.[0] ?? FEED_START;
  }

  async *readZones(): AsyncGenerator<ReadZone> {
    for await (const zone of readZoneTexts(this.#connection)) yield decodeReadZone(zone);
  }

  generation(): Promise<Generation> {
    return readGeneration(this.#connection);
  }

  async changesAfter(position: FeedPosition, waitMs: number): Promise<readonly PositionedPublication[]> {
    const blockMs = Math.max(0, Math.floor(waitMs));
    const streams = await this.#feed.ask(
      keys.changes,
      // `BLOCK 0` would wait for ever.
      (redis) =>
        blockMs === 0
          ? redis.xread('COUNT', ENTRIES_PER_READ, 'STREAMS', keys.changes, position)
          : redis.xread('COUNT', ENTRIES_PER_READ, 'BLOCK', blockMs, 'STREAMS', keys.changes, position),
      blockMs + QUESTION_TIMEOUT_MS,
    );
    const entries = (streams?.[0]?.[1] ?? []) as readonly StreamEntry[];
    return entries.map(decodeEntry);
  }

  async lastTickMs(): Promise<number | undefined> {
    const text = await this.#connection.ask(keys.controller, (redis) => redis.get(keys.controller));
    return text === null ? undefined : decodeStored(tickSchema, text, keys.controller).atMs;
  }

  async latencies(known: Uint8Array | undefined): Promise<Uint8Array | 'known' | undefined> {
    const last = LATENCY_HEAD_LENGTH - 1;
    const head = await this.#connection.ask(keys.latency, (redis) =>
      redis.getrangeBuffer(keys.latency, 0, last),
    );
    if (head.length === 0) return undefined;
    if (known !== undefined && head.equals(known.subarray(0, LATENCY_HEAD_LENGTH))) return 'known';
    return readLatencies(this.#connection);
  }

  connected(): boolean {
    return this.#connection.connected() && this.#feed.connected();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
    await this.#feed[Symbol.asyncDispose]();
  }
}
