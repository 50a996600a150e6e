/**
 * Everything one worker needs to answer: the snapshot it answers from, the sources of chance, and the objects that
 * each query overwrites. One per worker thread, made once, so that a query allocates nothing.
 *
 * Snapshot, places, staleness, settings and time are set from outside between queries; nothing here reads a clock
 * or a socket.
 */
import { HashedName } from '@signpost/dns/hashed-name';
import { Query } from '@signpost/dns/query';
import type { ServerCookies } from '@signpost/dns/server-cookie';
import { Mark, Writer } from '@signpost/dns/write-message';
import { type Chance, createChance } from '@signpost/policy/chance';
import { NO_LATENCIES, type LatencyTable } from '@signpost/policy/latency-table';
import { createSelection, type Selection } from '@signpost/policy/select-answer';

import { QueryClient } from '../client/view-client.ts';
import type { AnswerSampler } from '../count/answer-sampler.ts';
import { GivenAnswer } from '../count/given-answer.ts';
import { TargetTimes } from '../count/target-times.ts';
import { FastState } from '../fast/fast-state.ts';
import { createFound, type Found, FoundKind } from '../find/find-name.ts';
import { Limited, type RateLimiter } from '../limit/rate-limiter.ts';
import { emptyImage } from '../image/layout.ts';
import { ImageSnapshot } from '../image/read-image.ts';
import type { Named, NameNode, NameView, ReadyRecord, SteeredRRset, Zone } from '../replica/zone.ts';
import type { ChaosText } from './chaos-texts.ts';
import { HEALTHY } from './standing.ts';
import { Transport } from './transport.ts';
import type { WriteDraw } from './uniform-draws.ts';

/** CNAMEs sent for one query, those that DNAMEs make included; what lies behind is for the resolver to ask (RFC 1034 3.6.2). */
export const MOST_LINKS = 8;

/** No info code: code 0 is "other error". */
export const NO_EXTENDED_ERROR = -1;

/** The RRset that answers, or the part of it that was selected. */
export interface Choice {
  type: number;
  ttlSeconds: number;
  records: readonly ReadyRecord[];
  /** How many of them. */
  count: number;
  /** Indexes into `records`, first to last; undefined: all in their own order. */
  order: Int32Array | undefined;
  /** What steered; undefined: nothing did. */
  steered: SteeredRRset | undefined;
  /** Its group. */
  group: number;
}

export class QueryContext {
  /** Replaced by one assignment when there is another image; a change of the present one is seen at once (H13). */
  snapshot = new ImageSnapshot(emptyImage());
  /** The answers may be out of date, because the store or its writer was not heard for a while. */
  isStale = false;
  readonly writeDraw: WriteDraw;
  /** Of the last selection. */
  readonly chance: Chance = createChance();

  /** Milliseconds since 1970 when the query came, by the clock that all workers have. */
  nowMs = 0;
  /** When each target was last given. */
  readonly answered = new TargetTimes();
  /** Replaced when another one was published. */
  latencies: LatencyTable = NO_LATENCIES;
  /** Undefined: no answer is sampled. */
  sampler: AnswerSampler | undefined;
  /** Undefined: the COOKIE option is ignored. */
  cookies: ServerCookies | undefined;
  /** Undefined: nothing tells this server from others (RFC 5001). */
  nsid: Uint8Array | undefined;
  /** What the server tells of itself in class CH (RFC 4892). */
  chaos: readonly ChaosText[] = [];
  /** How long an idle connection is kept, in units of 100 ms: two octets (RFC 7828). Undefined: not told. */
  keepalive: Uint8Array | undefined;
  /** Undefined: responses are not limited. */
  limiter: RateLimiter | undefined;

  transport: Transport = Transport.udp;
  /** `client` is that of the query at hand. */
  isClientKnown = false;
  /** The client showed a cookie of ours, so it is where it says it is. */
  isVerified = false;
  readonly query = new Query();
  readonly client = new QueryClient();
  readonly fast = new FastState();
  readonly writer = new Writer();
  readonly mark = new Mark();
  readonly found: Found = createFound();
  readonly selection: Selection = createSelection();
  readonly choice: Choice = {
    type: 0,
    ttlSeconds: 0,
    records: [],
    count: 0,
    order: undefined,
    steered: undefined,
    group: 0,
  };

  /** The name looked for now: the question's, then each CNAME's target. */
  name: NameView;
  /** The zone that holds it. */
  zone: Zone | undefined;
  /** All names looked for so far, the question's first. */
  readonly visited: NameView[] = [];
  visitedCount = 0;

  /** Where names made by DNAMEs stand, one for each link of a chain. */
  readonly madeNames: readonly HashedName[] = Array.from({ length: MOST_LINKS }, () => new HashedName());
  /** Owners of the DNAMEs written so far. */
  readonly dnames: NameNode[] = [];
  dnameCount = 0;

  /** What the question's own name was found at, or the zone that lacks it; responses are counted by it. */
  holder: Named | undefined;
  holderKind: FoundKind = FoundKind.nxdomain;
  /** What became of the last response. */
  limited: Limited = Limited.no;

  hasAnswer = false;
  /** What was steered last for this query. */
  readonly given = new GivenAnswer();
  /** Longest prefix that any selection of this query needed. */
  scope = 0;
  extendedError = NO_EXTENDED_ERROR;
  /** How the pool stands that was chosen, if one was: position in `STANDINGS`. */
  standing = HEALTHY;
  /** Response code of the last response, all twelve bits. */
  rcode = 0;

  constructor(writeDraw: WriteDraw) {
    this.writeDraw = writeDraw;
    this.name = this.query.name;
    for (let i = 0; i <= MOST_LINKS; i += 1) this.visited.push(this.query.name);
  }

  /** Once for a query, however many steps ask for it. `source`: 4 or 16 octets. */
  lookAtClient(source: Uint8Array): void {
    if (this.isClientKnown) return;
    this.isClientKnown = true;
    this.client.look(this.query, source);
  }

  /** Forgets what was found for the query before. */
  startQuery(transport: Transport): void {
    this.transport = transport;
    this.isClientKnown = false;
    this.isVerified = false;
    this.limited = Limited.no;
    this.startAnswer();
  }

  /** Forgets what was found, but not who asks. */
  startAnswer(): void {
    this.name = this.query.name;
    this.visited[0] = this.query.name;
    this.visitedCount = 1;
    this.dnameCount = 0;
    this.holder = undefined;
    this.holderKind = FoundKind.nxdomain;
    this.hasAnswer = false;
    this.given.policy = undefined;
    this.scope = 0;
    this.extendedError = NO_EXTENDED_ERROR;
    this.standing = HEALTHY;
  }

  /** For the question's own name, once it was looked for. */
  noteHolder(): void {
    this.holder = this.found.node ?? this.zone;
    this.holderKind = this.found.kind;
  }

  /** The present name as the writer wants it: null is the question's, which keeps the letters' case. */
  owner(): Uint8Array | null {
    return this.name === this.query.name ? null : this.name.octets;
  }
}
