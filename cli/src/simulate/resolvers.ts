/**
 * The caches between clients and authorities. The first request after an answer has run out asks anew, and all that
 * follow get what the cache holds; so there is one event for each answer kept, not for each request.
 *
 *   request ──cached──> targets, rate added until the end of the TTL ──next request──> ...
 *      └─not──> authority (selectAnswer) ──> an entry for the scope prefix, or for everybody without ECS
 */
import { createChance } from '@signpost/policy/chance';
import { createSelection, selectAnswer } from '@signpost/policy/select-answer';
import type { ClientView } from '@signpost/policy/match-client';
import { DueQueue } from '@signpost/prober/schedule/due-queue';

import type { Chance } from './chance.ts';
import type { Demand } from './demand.ts';
import type { Network, Resolver } from './population.ts';
import { type PublishedSet, targetsOf } from './published-set.ts';
import type { TtlHabit } from './scenario.ts';
import type { Traffic } from './traffic.ts';

/** An authority's answer, for whoever samples them. */
export interface Answered {
  readonly atMs: number;
  /** Who sent the query; without ECS it is also who was steered. */
  readonly resolver: ClientView;
  readonly view: ClientView;
  readonly pool: string;
  /** Else there was no address to give. */
  readonly isAnswer: boolean;
  /** Numbers of targets. */
  readonly targets: readonly number[];
  /** As published, milliseconds. */
  readonly ttlMs: number;
  readonly scope: number;
}

export interface ResolversOptions {
  readonly resolvers: readonly Resolver[];
  readonly demandOf: (network: Network) => Demand;
  readonly published: () => PublishedSet;
  readonly traffic: Traffic;
  readonly chance: Chance;
  /** First requests come within this time, so that answers do not run out together. */
  readonly spreadMs: number;
  readonly onAnswer?: (answered: Answered) => void;
}

interface Waiting {
  /** When the next request comes that needs the cache or the authority. */
  dueMs: number;
  readonly network: Network;
  readonly demand: Demand;
  readonly cache: Cache;
}

interface Cache {
  readonly resolver: Resolver;
  entries: CacheEntry[];
}

interface CacheEntry {
  readonly targets: readonly number[];
  readonly untilMs: number;
  readonly address: Uint8Array;
  readonly family: 4 | 6;
  /** Bits of the address that a client must share to be given this; 0: everybody. */
  readonly scope: number;
}

export class Resolvers {
  readonly #options: ResolversOptions;
  readonly #queue = new DueQueue<Waiting>();
  readonly #selection = createSelection();
  readonly #chance = createChance();

  constructor(options: ResolversOptions) {
    this.#options = options;
    for (const resolver of options.resolvers) {
      const cache = { resolver, entries: [] };
      for (const network of resolver.networks) {
        const demand = options.demandOf(network);
        const waiting = { dueMs: options.chance.uniform() * options.spreadMs, network, demand, cache };
        this.#wait(waiting, waiting.dueMs);
      }
    }
  }

  /** Handles all requests before `untilMs` that are no mere repetition of a cached answer. */
  runUntil(untilMs: number): void {
    for (;;) {
      const dueMs = this.#queue.nextDueMs;
      if (dueMs === undefined || dueMs >= untilMs) return;
      this.#request(this.#queue.takeDue(dueMs)!);
    }
  }

  #request(waiting: Waiting): void {
    const { dueMs: nowMs, network, demand, cache } = waiting;
    const entry = cached(cache, network.view, nowMs) ?? this.#ask(cache, network.view, nowMs);
    this.#options.traffic.addOne(entry.targets, nowMs);
    this.#options.traffic.addHeld(entry.targets, network.ratePerMs, demand, nowMs, entry.untilMs);
    this.#wait(waiting, entry.untilMs);
  }

  /** For the first request after `fromMs`: clients come independently of each other. */
  #wait(waiting: Waiting, fromMs: number): void {
    waiting.dueMs = waiting.demand.timeAfter(
      fromMs,
      this.#options.chance.exponential() / waiting.network.ratePerMs,
    );
    if (waiting.dueMs < Number.POSITIVE_INFINITY) this.#queue.add(waiting);
  }

  #ask(cache: Cache, view: ClientView, nowMs: number): CacheEntry {
    const { published, traffic, chance, onAnswer } = this.#options;
    const present = published();
    const selection = this.#selection;
    this.#chance.seed = present.seed;
    this.#chance.turn += 1;
    this.#chance.draw[0] = chance.uniform();
    selectAnswer(present.steering, view, this.#chance, selection);
    const { group, count, answers, scope } = selection;
    const targets = targetsOf(present, group, answers, count);
    const ttlMs = present.keptMs[group]!;
    const { sendsSubnet, habit } = cache.resolver;
    const entry = {
      targets,
      untilMs: nowMs + (count === 0 ? ttlMs : keptFor(ttlMs, habit)),
      address: view.address,
      family: view.family,
      // RFC 7871 section 7.3.1: kept for no longer prefix than was asked with. A denial is for everybody (7.4).
      scope: sendsSubnet && count > 0 ? Math.min(scope, view.sourceLength) : 0,
    };
    traffic.addAnswer(targets, nowMs);
    onAnswer?.({
      atMs: nowMs,
      resolver: sendsSubnet ? cache.resolver.view : view,
      view,
      pool: present.set.groups[group]!.pool,
      isAnswer: count > 0,
      targets,
      ttlMs,
      scope,
    });
    cache.entries = [...cache.entries.filter(({ untilMs }) => untilMs > nowMs), entry];
    return entry;
  }
}

/** What the habit of a resolver makes of a TTL. */
export function keptFor(ttlMs: number, habit: TtlHabit | undefined): number {
  if (habit === undefined) return ttlMs;
  const { at_least: least = 0, at_most: most = Number.POSITIVE_INFINITY, times = 1 } = habit;
  return Math.min(most, Math.max(least, ttlMs * times));
}

/** RFC 7871 section 7.3.2: the longest prefix that the client is in. */
function cached({ entries }: Cache, view: ClientView, nowMs: number): CacheEntry | undefined {
  let best: CacheEntry | undefined;
  for (const entry of entries) {
    if (entry.untilMs <= nowMs || (best !== undefined && entry.scope <= best.scope)) continue;
    if (entry.scope === 0 || (entry.family === view.family && sharesBits(entry, view.address))) best = entry;
  }
  return best;
}

function sharesBits({ address, scope }: CacheEntry, other: Uint8Array): boolean {
  const whole = scope >>> 3;
  for (let i = 0; i < whole; i += 1) if (address[i] !== other[i]) return false;
  const bits = scope & 7;
  return bits === 0 || (address[whole]! ^ other[whole]!) >>> (8 - bits) === 0;
}
