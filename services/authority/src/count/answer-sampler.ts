/**
 * One steered answer of so many is kept for the samples of a worker, by chance, with what it takes to tell of it:
 *
 *   answers  ....x... ..x..... .x......   blocks of `every`, one of each is taken: it stands for the whole block
 *
 * `every` follows the rate of answers, from drain to drain and, when that jumps, within one, so that about as many
 * samples leave as are wanted, and weights add up to the answers: only a rate that jumps by more than a hundredfold
 * fills all rows, and what comes then is missing. Hot path: typed arrays and references alone; allocates nothing,
 * never throws. Reading names and addresses out of it is `read-samples.ts`'.
 */
import { MAX_SAMPLED_TARGETS } from '@signpost/contracts/sampled-bounds';

import type { NameNode, Policy, Zone } from '../replica/zone.ts';
import type { GivenAnswer } from './given-answer.ts';

/** What a sample is taken of: the query's context, as far as it tells. */
export interface SampledQuery {
  readonly nowMs: number;
  readonly query: { readonly qtype: number };
  readonly client: {
    readonly family: 4 | 6;
    readonly address: Uint8Array;
    readonly sourceLength: number;
    readonly isFromSubnet: boolean;
  };
  readonly given: GivenAnswer;
  /** What `given` counts in. */
  readonly snapshot: { nameAt(entry: number): NameNode; zoneAt(entry: number): Zone };
  readonly scope: number;
}

/** Rows are kept for so many times what a drain is to find: room for `every` to grow in. */
const SPARE = 3;
/** Within a drain `every` doubles with each of so many parts of what was wanted, once that is there. */
const PARTS = 4;
const MOST_EVERY = 2 ** 24;
const ADDRESS = 16;

export class AnswerSampler {
  readonly #wanted: number;
  readonly #rows: number;
  /** The only member that is a number in memory of its own: V8 boxes large ones in fields. */
  readonly #chance: Int32Array;
  /** Of the next block, and of the present one. */
  #every = 1;
  #block = 1;
  /** Position in the block, and the one that is taken. */
  #position = 0;
  #chosen = 1;
  #doublesAt: number;
  #seen = 0;

  /** Rows taken since the last drain. */
  count = 0;
  readonly atMs: Float64Array;
  readonly weights: Int32Array;
  readonly ttls: Int32Array;
  readonly types: Uint16Array;
  readonly groups: Uint16Array;
  readonly scopes: Uint8Array;
  readonly sourceLengths: Uint8Array;
  /** 4, 6, or 0: the address of the resolver steered. */
  readonly clientFamilies: Uint8Array;
  readonly clients: Uint8Array;
  readonly resolverFamilies: Uint8Array;
  readonly resolvers: Uint8Array;
  readonly targetCounts: Uint8Array;
  readonly targets: Int32Array;
  readonly policies: (Policy | undefined)[];
  readonly nodes: (NameNode | undefined)[];
  readonly zones: (Zone | undefined)[];

  /**
   * @param wanted samples from one drain to the next, about; at least 1
   * @param seed any whole number: what is taken differs by it
   */
  constructor(wanted: number, seed: number) {
    const rows = Math.max(16, Math.ceil(wanted * SPARE));
    this.#wanted = wanted;
    this.#rows = rows;
    this.#doublesAt = Math.ceil(wanted);
    this.#chance = Int32Array.of(seed | 1);
    this.atMs = new Float64Array(rows);
    this.weights = new Int32Array(rows);
    this.ttls = new Int32Array(rows);
    this.types = new Uint16Array(rows);
    this.groups = new Uint16Array(rows);
    this.scopes = new Uint8Array(rows);
    this.sourceLengths = new Uint8Array(rows);
    this.clientFamilies = new Uint8Array(rows);
    this.clients = new Uint8Array(rows * ADDRESS);
    this.resolverFamilies = new Uint8Array(rows);
    this.resolvers = new Uint8Array(rows * ADDRESS);
    this.targetCounts = new Uint8Array(rows);
    this.targets = new Int32Array(rows * MAX_SAMPLED_TARGETS);
    this.policies = Array.from({ length: rows }, () => undefined);
    this.nodes = Array.from({ length: rows }, () => undefined);
    this.zones = Array.from({ length: rows }, () => undefined);
  }

  /** For an answer that is sent and that a policy chose: `context.given` tells which. `source`: 4 or 16 octets. */
  offer(context: SampledQuery, source: Uint8Array): void {
    this.#seen += 1;
    this.#position += 1;
    if (this.#position === this.#chosen && this.count < this.#rows) this.#take(context, source);
    if (this.#position >= this.#block) this.#beginBlock();
  }

  /** Forgets the rows, and sets the pace by how many answers there were. */
  drained(): void {
    this.policies.fill(undefined, 0, this.count);
    this.nodes.fill(undefined, 0, this.count);
    this.zones.fill(undefined, 0, this.count);
    this.count = 0;
    this.#doublesAt = Math.ceil(this.#wanted);
    // Down by half at a time: a rate that comes back must not find everything taken.
    const pace = Math.ceil(this.#seen / this.#wanted);
    this.#every = Math.min(MOST_EVERY, Math.max(1, pace, this.#every >> 1));
    this.#seen = 0;
    this.#beginBlock();
  }

  #beginBlock(): void {
    this.#position = 0;
    this.#block = this.#every;
    this.#chosen = this.#block === 1 ? 1 : 1 + (this.#random() % this.#block);
  }

  /** A whole number of 31 bits (xorshift32). */
  #random(): number {
    let x = this.#chance[0]!;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#chance[0] = x;
    return x >>> 1;
  }

  #take(context: SampledQuery, source: Uint8Array): void {
    const { given, client, snapshot } = context;
    const row = this.count;
    this.count += 1;
    this.atMs[row] = context.nowMs;
    this.weights[row] = this.#block;
    this.ttls[row] = given.ttlSeconds;
    this.types[row] = context.query.qtype;
    this.groups[row] = given.group;
    this.scopes[row] = client.isFromSubnet ? context.scope : 0;
    this.sourceLengths[row] = client.sourceLength;
    this.clientFamilies[row] = client.isFromSubnet ? client.family : 0;
    if (client.isFromSubnet) this.clients.set(client.address, row * ADDRESS);
    this.resolverFamilies[row] = source.length === 4 ? 4 : 6;
    this.resolvers.set(source, row * ADDRESS);
    this.targetCounts[row] = given.count;
    for (let i = 0; i < given.count; i += 1) this.targets[row * MAX_SAMPLED_TARGETS + i] = given.slots[i]!;
    this.policies[row] = given.policy;
    this.nodes[row] = snapshot.nameAt(given.name);
    this.zones[row] = snapshot.zoneAt(given.zone);
    if (this.count >= this.#doublesAt) this.#slowDown();
  }

  /** From the next block on. */
  #slowDown(): void {
    this.#doublesAt += Math.max(1, Math.floor(this.#wanted / PARTS));
    if (this.#every < MOST_EVERY) this.#every *= 2;
  }
}
