/**
 * Draws a population: resolvers of heavy-tailed size with the networks of clients behind them. Pure; chance and
 * places are arguments.
 *
 *   resolver (habit with TTLs, one cache) ──> networks (what the authority sees of the client, requests per ms)
 *   without ECS: one network, the resolver itself     with ECS: one cache, an entry for each scope prefix
 */
import { UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import type { ClientFinder } from '@signpost/controller/explain/explain';
import type { ClientView } from '@signpost/policy/match-client';

import { type Chance, shuffle } from './chance.ts';
import type { ClientLine } from './read-clients.ts';
import type { PopulationSettings, TtlHabit } from './scenario.ts';

export interface Resolver {
  readonly sendsSubnet: boolean;
  /** Absent: it keeps to the TTL. */
  readonly habit?: TtlHabit;
  /** As an authority sees it where it sends no subnet. */
  readonly view: ClientView;
  readonly networks: readonly Network[];
}

export interface Network {
  readonly view: ClientView;
  /** Requests of its clients per millisecond, before any surge. */
  readonly ratePerMs: number;
}

export interface DrawPopulation {
  readonly settings: PopulationSettings;
  /** Absent: `settings.resolvers` of them are made up, at addresses that the geo database knows. */
  readonly clients?: readonly ClientLine[];
  readonly finder: ClientFinder;
  readonly chance: Chance;
}

export function drawPopulation({ settings, clients, finder, chance }: DrawPopulation): Resolver[] {
  const lines = clients ?? Array.from({ length: settings.resolvers }, () => drawLine(finder, chance));
  const drawn = paretoSizes(lines.length, settings.alpha);
  shuffle(drawn, chance);
  const sizes = lines.map(({ weight }, index) => weight ?? drawn[index]!);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const sends = spread(lines.length, [settings.ecs], chance);
  const habits = spread(
    lines.length,
    settings.ttl.map(({ share }) => share),
    chance,
  );
  return lines.map((line, index) => {
    const ratePerMs = (settings.requests / 1_000) * (sizes[index]! / total);
    const sendsSubnet = sends[index] === 0;
    const others = sendsSubnet ? settings.networks - 1 : 0;
    const all = [line, ...Array.from({ length: others }, () => drawLine(finder, chance))];
    const habit = settings.ttl[habits[index]!];
    return {
      sendsSubnet,
      ...(habit !== undefined && { habit }),
      view: viewOf(line, false, finder),
      networks: all.map((each) => ({
        view: viewOf(each, sendsSubnet, finder),
        ratePerMs: ratePerMs / all.length,
      })),
    };
  });
}

/**
 * `count` sizes that are spread as a Pareto distribution with exponent `alpha` and least size 1 has it: the middle
 * of each of `count` equal parts. No draw, so that what the largest has does not hang on luck.
 */
export function paretoSizes(count: number, alpha: number): number[] {
  return Array.from({ length: count }, (_, i) => ((i + 0.5) / count) ** (-1 / alpha));
}

/** Which of `shares` each of `count` has, exact to one; -1: none of them. */
function spread(count: number, shares: readonly number[], chance: Chance): number[] {
  const given: number[] = [];
  let sum = 0;
  for (const [index, share] of shares.entries()) {
    sum += share;
    while (given.length < Math.round(sum * count)) given.push(index);
  }
  while (given.length < count) given.push(-1);
  shuffle(given, chance);
  return given;
}

/** Tries until one hits a place; a database that knows none has been tried enough by then. */
const MAX_TRIES = 64;

function drawLine(finder: ClientFinder, chance: Chance): ClientLine {
  const octets = new Uint8Array(4);
  for (let i = 0; i < MAX_TRIES; i += 1) {
    // Unicast, RFC 1112 section 4.
    octets.set([1 + chance.below(223), chance.below(256), chance.below(256), 0]);
    if (finder.place(octets).country !== '') break;
  }
  return { prefix: { kind: 'prefix', family: 4, octets, length: 24 } };
}

/** What the authority sees: the client's prefix, at most as long as resolvers send it, or the resolver's address. */
function viewOf({ prefix, place }: ClientLine, sendsSubnet: boolean, finder: ClientFinder): ClientView {
  const address = new Uint8Array(16);
  address.set(prefix.octets);
  const sourceLength = sendsSubnet
    ? Math.min(prefix.length, prefix.family === 4 ? 24 : 56)
    : prefix.octets.length * 8;
  let found = place;
  return {
    family: prefix.family,
    address,
    sourceLength,
    place: () => (found ??= finder.place(prefix.octets)),
    system: () => finder.system?.(prefix.octets) ?? UNKNOWN_SYSTEM,
  };
}
