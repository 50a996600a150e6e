/**
 * What reader and writer read alike: the generation, everything, and the table of round trips. Only GET and HGETALL.
 * It must not follow changes.
 */
import { NO_GENERATION, type Generation } from '@signpost/contracts/brands';
import { keys } from '@signpost/contracts/keys';
import { generationSchema } from '@signpost/contracts/publication';
import { StoreError, type StoredRecords, type StoredZone } from '@signpost/contracts/record-store';
import { decodeStored, decodeStoredZone, type StoredZoneText } from '@signpost/contracts/stored-value';

import type { RedisConnection } from './connection.ts';

/** Zones asked for in one go. */
const ZONES_PER_PIPELINE = 20;
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

/** For the writer. The generation is read first: what is read after it is at least as new. */
export async function readRecords(connection: RedisConnection): Promise<StoredRecords> {
  const generation = await readGeneration(connection);
  const zones = new Map<string, StoredZone>();
  for await (const zone of readZoneTexts(connection)) zones.set(zone.apex, decodeStoredZone(zone));
  return { generation, zones };
}

/** While some zones are taken, the next are on their way. */
export async function* readZoneTexts(connection: RedisConnection): AsyncGenerator<StoredZoneText> {
  const facts = await connection.ask(keys.zones, (redis) => redis.hgetall(keys.zones), BULK_TIMEOUT_MS);
  const apexes = Object.keys(facts);
  const readFrom = async (first: number): Promise<Hash[]> => {
    const some = apexes.slice(first, first + ZONES_PER_PIPELINE);
    return some.length === 0 ? [] : readHashes(connection, some);
  };
  let next = readFrom(0);
  for (let first = 0; first < apexes.length; first += ZONES_PER_PIPELINE) {
    const hashes = await next;
    next = readFrom(first + ZONES_PER_PIPELINE);
    next.catch(() => {}); // it may fail before it is waited for, or nobody will
    for (const [i, hash] of hashes.entries()) {
      const apex = apexes[first + i]!;
      yield { apex, facts: facts[apex]!, recordSets: pairsOf(hash) };
    }
  }
}

/** Fields and values in turn. */
type Hash = readonly string[];

function* pairsOf(hash: Hash): Generator<readonly [field: string, text: string]> {
  for (let i = 0; i < hash.length; i += 2) yield [hash[i]!, hash[i + 1]!];
}

async function readHashes(connection: RedisConnection, apexes: readonly string[]): Promise<Hash[]> {
  const replies = await connection.ask(
    `${apexes.length} zones`,
    async (redis) => {
      const pipeline = redis.pipeline();
      // In capitals the client does not know the command, and makes no object of each reply.
      for (const apex of apexes) pipeline.call('HGETALL', keys.zone(apex));
      return (await pipeline.exec()) ?? [];
    },
    BULK_TIMEOUT_MS,
  );
  return apexes.map((apex, i) => {
    const [error, hash] = replies[i] ?? [new Error('no reply'), undefined];
    if (error) throw new StoreError(`${keys.zone(apex)}: ${error.message}`, { cause: error });
    return hash as Hash;
  });
}
