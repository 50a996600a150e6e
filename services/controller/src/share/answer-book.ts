/**
 * The answers that caches hold now, as far as samples tell: for each target of a pool the clients that it has through
 * them, estimated. An answer counts from when it was heard of until its TTL has passed. Pure: a new book for each
 * change.
 */
import type { AnswerSample } from '@signpost/contracts/answer-sample';

import { type Cache, clientsPerAnswer, hearAnswer, newCache } from './cache-size.ts';
import { MOST_CACHES } from './share-settings.ts';

/** Of a target in a pool. */
export interface Held {
  readonly pool: string;
  readonly target: string;
  /** Clients, estimated, that were given it and whose answer has not run out. */
  readonly clients: number;
  /** On so many samples this rests. */
  readonly samples: number;
}

export interface AnswerBook {
  /** By network, name and type. */
  readonly caches: ReadonlyMap<string, Cache>;
  /** By second in which they run out, then by pool and target. */
  readonly expiring: ReadonlyMap<number, ReadonlyMap<string, Held>>;
  /** By pool and target: the sum of these. */
  readonly held: ReadonlyMap<string, Held>;
}

export const EMPTY_BOOK: AnswerBook = { caches: new Map(), expiring: new Map(), held: new Map() };

export interface HeardSamples {
  readonly zone: string;
  readonly samples: readonly AnswerSample[];
  /** Monotonic: clocks of nodes differ. */
  readonly heardAtMs: number;
}

/** `counts`: whether anybody wants to know of the pool. */
export function noteAnswers(
  book: AnswerBook,
  heard: readonly HeardSamples[],
  counts: (pool: string) => boolean,
): AnswerBook {
  const caches = new Map(book.caches);
  const expiring = new Map(book.expiring);
  const held = new Map(book.held);
  const fresh = new Set<number>();
  for (const { samples, heardAtMs } of heard) {
    for (const sample of samples) {
      if (!counts(sample.pool)) continue;
      const clients = hear(caches, sample, heardAtMs) * sample.weight;
      const second = Math.ceil(heardAtMs / 1_000 + sample.ttl);
      if (!fresh.has(second)) expiring.set(second, new Map(expiring.get(second)));
      fresh.add(second);
      // Several answers at once: a client takes one of them.
      const part = { clients: clients / sample.targets.length, samples: 1 / sample.targets.length };
      for (const target of sample.targets) {
        const one = { pool: sample.pool, target, ...part };
        add(expiring.get(second) as Map<string, Held>, one);
        add(held, one);
      }
    }
  }
  return { caches: bounded(caches), expiring, held };
}

/** What ran out by now is not held any more. */
export function expireAnswers(book: AnswerBook, nowMs: number): AnswerBook {
  const second = Math.floor(nowMs / 1_000);
  const gone = [...book.expiring].filter(([at]) => at <= second);
  if (gone.length === 0) return book;
  const expiring = new Map(book.expiring);
  const held = new Map(book.held);
  for (const [at, parts] of gone) {
    expiring.delete(at);
    for (const part of parts.values()) add(held, { ...part, clients: -part.clients, samples: -part.samples });
  }
  return { ...book, expiring, held };
}

/** Clients that an answer to this cache serves. */
function hear(caches: Map<string, Cache>, sample: AnswerSample, nowMs: number): number {
  const key = cacheKey(sample);
  const ttlMs = sample.ttl * 1_000;
  const known = caches.get(key);
  const cache =
    known === undefined
      ? newCache(sample.weight, ttlMs, nowMs)
      : hearAnswer(known, sample.weight, ttlMs, nowMs);
  // Moves to the end: the first ones are those heard of longest ago.
  caches.delete(key);
  caches.set(key, cache);
  return clientsPerAnswer(cache, ttlMs);
}

/** An answer for all networks (scope 0) is one entry of the resolver's cache, else there is one for each network. */
function cacheKey({ resolver, client, scope, owner, type }: AnswerSample): string {
  return `${resolver} ${client === undefined || scope === 0 ? '' : client} ${owner} ${type}`;
}

const LEAST = 1e-6;

function add(sums: Map<string, Held>, one: Held): void {
  const key = `${one.pool} ${one.target}`;
  const before = sums.get(key);
  const clients = (before?.clients ?? 0) + one.clients;
  const samples = (before?.samples ?? 0) + one.samples;
  if (samples < LEAST) sums.delete(key);
  else sums.set(key, { ...one, clients, samples });
}

function bounded(caches: Map<string, Cache>): Map<string, Cache> {
  const more = caches.size - MOST_CACHES;
  if (more <= 0) return caches;
  return new Map([...caches].slice(more));
}
