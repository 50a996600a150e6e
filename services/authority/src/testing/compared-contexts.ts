/**
 * For tests only: two contexts in equal state, of which one answers with the fast path in front and the other by the
 * general path alone, and all that must be equal between them after a query.
 */
import assert from 'node:assert/strict';

import { ServerCookies } from '@signpost/dns/server-cookie';

import { AnswerSampler } from '../count/answer-sampler.ts';
import type { GivenAnswer } from '../count/given-answer.ts';
import { ImageSnapshot } from '../image/read-image.ts';
import { latencyTableOf } from '../latency/latency-table-of.ts';
import { RateLimiter } from '../limit/rate-limiter.ts';
import { rateTableMemory } from '../limit/rate-table.ts';
import type { PlainZone } from '../reference/answer-plainly.ts';
import { answerInFull, answerQuery } from '../serve/answer-query.ts';
import { QueryContext } from '../serve/query-context.ts';
import { Transport } from '../serve/transport.ts';
import { messageOf } from './compared-messages.ts';
import { flattened, PLACES, ROUND_TRIPS, SYSTEMS } from './sample-clients.ts';
import { imageOf } from './sample-zone.ts';

export interface ComparedOptions {
  readonly hasTables: boolean;
  readonly nsid: Uint8Array | undefined;
  readonly hasCookies: boolean;
  /** Responses a second to one client network for one name; undefined: not limited. */
  readonly perSecond: number | undefined;
  readonly isStale: boolean;
}

/** Of a query: what a worker would draw, and when it came. */
export interface Moment {
  readonly draw: number;
  readonly slipDraw: number;
  readonly nowMs: number;
}

const SECRET = Buffer.alloc(16, 3);
const TARGETS = ['target-0', 'target-1', 'target-2', 'target-3'];
/** One set: networks crowd each other out. */
const RATE_SLOTS = 8;
const NOWHERE = -1;
const OUTPUT = 1_232;

export class ComparedContexts {
  readonly fast: QueryContext;
  readonly full: QueryContext;
  /** Queries that the general path was not needed for. */
  taken = 0;
  readonly #moment = { draw: 0, slipDraw: 0, nowMs: 0 };
  readonly #tables: readonly [SharedArrayBuffer, SharedArrayBuffer];

  constructor(zones: readonly PlainZone[], options: ComparedOptions) {
    const { memory } = imageOf(...zones);
    this.#tables = [rateTableMemory(RATE_SLOTS), rateTableMemory(RATE_SLOTS)];
    this.fast = this.#context(memory, options, this.#tables[0]);
    this.full = this.#context(memory, options, this.#tables[1]);
  }

  /** Data of a COOKIE option that is ours. */
  cookieOf(source: Uint8Array, nowMs: number): Uint8Array {
    const cookies = new ServerCookies([SECRET]);
    cookies.answer(Buffer.alloc(8, 7), 0, 8, source, Math.floor(nowMs / 1_000));
    return cookies.response.slice();
  }

  /** Asks both; throws unless they come to the same. */
  compare(packet: Uint8Array, source: Uint8Array, moment: Moment): void {
    Object.assign(this.#moment, moment);
    const outputs = [new Uint8Array(OUTPUT), new Uint8Array(OUTPUT)] as const;
    this.fast.nowMs = this.full.nowMs = moment.nowMs;
    const isTaken = watched(this.fast);
    const fast = answerQuery(this.fast, packet, packet.length, source, Transport.udp, outputs[0]);
    const full = answerInFull(this.full, packet, packet.length, source, Transport.udp, outputs[1]);
    if (isTaken()) this.taken += 1;
    assert.equal(fast > 0, full > 0);
    assert.deepEqual(stateOf(this.fast), stateOf(this.full));
    assert.deepEqual(new Int32Array(this.#tables[0]), new Int32Array(this.#tables[1]));
    if (fast === 0) return;
    const { query } = this.fast;
    assert.deepEqual(messageOf(outputs[0].subarray(0, fast)), messageOf(outputs[1].subarray(0, full)));
    assert.ok(fast >= full, 'the general path compresses at least as well');
    assert.ok(fast <= (query.hasEdns ? Math.min(query.udpSize, OUTPUT) : 512));
  }

  #context(memory: SharedArrayBuffer, options: ComparedOptions, rates: SharedArrayBuffer): QueryContext {
    const context = new QueryContext((into) => void (into[0] = this.#moment.draw));
    const slotOf = (target: string) => context.answered.slotOf(target);
    for (const target of TARGETS) slotOf(target);
    context.snapshot = new ImageSnapshot(memory, slotOf, options.hasTables ? flattened : undefined);
    context.latencies = latencyTableOf(ROUND_TRIPS, slotOf);
    context.client.places = PLACES;
    context.client.systems = SYSTEMS;
    context.nsid = options.nsid;
    context.isStale = options.isStale;
    if (options.hasCookies) context.cookies = new ServerCookies([SECRET]);
    context.sampler = new AnswerSampler(30, 1);
    if (options.perSecond !== undefined) {
      const limits = { perSecond: options.perSecond, windowMs: 1_000, slip: 2, exempt: [] };
      context.limiter = new RateLimiter(rates, SECRET.subarray(0, 8), limits, () => this.#moment.slipDraw);
    }
    return context;
  }
}

/** Only the general path uses the writer, so one that stands where it was put tells that it did not run. */
function watched({ writer }: QueryContext): () => boolean {
  writer.position = NOWHERE;
  return () => writer.position === NOWHERE;
}

/** What is counted and sampled of a query, and what the next one finds. */
function stateOf(context: QueryContext): object {
  const { query, rcode, limited, standing, chance, answered, given, sampler, isVerified } = context;
  return {
    qtype: query.qtype,
    rcode,
    limited,
    standing,
    isVerified,
    turn: chance.turn,
    answered: TARGETS.map((target) => answered.timeOf(target)),
    given: given.policy && givenBy(given, given.policy.name),
    sampled: sampler && sampledOf(sampler),
  };
}

function givenBy({ ttlSeconds, group, name, zone, slots, count }: GivenAnswer, policy: string): object {
  return { policy, ttlSeconds, group, name, zone, slots: slots.slice(0, count) };
}

function sampledOf(sampler: AnswerSampler): object {
  const { count, policies, nodes, zones, targets, clients, resolvers } = sampler;
  const columns = ['atMs', 'weights', 'ttls', 'types', 'groups', 'scopes', 'sourceLengths'] as const;
  const more = ['clientFamilies', 'resolverFamilies', 'targetCounts'] as const;
  return {
    rows: [...columns, ...more].map((column) => [column, ...sampler[column].subarray(0, count)]),
    policies: policies.slice(0, count).map((policy) => policy?.name),
    nodes: nodes.slice(0, count).map((node) => node?.entry),
    zones: zones.slice(0, count).map((zone) => zone?.entry),
    targets,
    clients,
    resolvers,
  };
}
