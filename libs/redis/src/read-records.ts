/**
 * What reader and writer read alike: the generation, everything, and the table of round trips. Only GET and HGETALL.
 * It must not follow changes.
 */
import { NO_GENERATION, type Generation } from '@signpost/contracts/brands';
import { keys } from '@signpost/contracts/keys';
import { generationSchema } from '@signpost/contracts/publication';
import { StoreError, type StoredRecords, type StoredZone } from '@signpost/contracts/record-store';
import { decodeStored, decodeStoredZone } from '@signpost/contracts/stored-value';

import type { RedisConnection } from './connection.ts';

/** Zones asked for in one go. */
const ZONES_PER_PIPELINE = 50;
/** A zone of 100,000 names takes its time on the wire. */
const BULK_TIMEOUT_MS = 15_000;

export async function readGeneration(connection: RedisConnection): Promise<Generation> {
  const text = await connection.ask(keys.generation, (redis) => redis.get(keys.generation));
  return text === null ? NO_GENERATION : decodeStored(generationSchema, text, keys.generation);
}

/** At an offset of 0, as its typed arrays need it. */
export async function readLatencies(connection: RedisConnection): Promise<Uint8Array | undefined> {
  const octets = await connection.ask(
    keys.latency,
    (redis) => redis.getBuffer(keys.latency),
    BULK_TIMEOUT_MS,
  );
  return octets === null ? undefined : new Uint8Array(octets);
}

/** The generation is read first: what is read after it is at least as new, and applying twice is harmless. */
export async function readRecords(
  connection: RedisConnection,
  unreadable: 'reject' | 'skip',
): Promise<StoredRecords> {
  const generation = await readGeneration(connection);
  const facts = await connection.ask(keys.zones, (redis) => redis.hgetall(keys.zones), BULK_TIMEOUT_MS);
  const apexes = Object.keys(facts);
  const zones = new Map<string, StoredZone>();
  for (let i = 0; i < apexes.length; i += ZONES_PER_PIPELINE) {
    const some = apexes.slice(i, i + ZONES_PER_PIPELINE);
    const hashes = await readHashes(connection, some);
    for (const [j, apex] of some.entries()) {
      zones.set(
        apex,
        decodeStoredZone({ apex, facts: facts[apex]!, recordSets: Object.entries(hashes[j]!) }, unreadable),
      );
    }
  }
  return { generation, zones };
}

async function readHashes(
  connection: RedisConnection,
  apexes: readonly string[],
): Promise<Record<string, string>[]> {
  const replies = await connection.ask(
    `${apexes.length} zones`,
    async (redis) => {
      const pipeline = redis.pipeline();
      for (const apex of apexes) pipeline.hgetall(keys.zone(apex));
      return (await pipeline.exec()) ?? [];
    },
    BULK_TIMEOUT_MS,
  );
  return apexes.map((apex, i) => {
    const [error, hash] = replies[i] ?? [new Error('no reply'), undefined];
    if (error) throw new StoreError(`${keys.zone(apex)}: ${error.message}`, { cause: error });
    return hash as Record<string, string>;
  });
}
