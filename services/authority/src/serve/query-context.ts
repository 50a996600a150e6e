/**
 * Everything one worker needs to answer: the snapshot it answers from, the sources of chance, and the objects that
 * each query overwrites. One per worker thread, made once, so that a query allocates nothing.
 *
 * Snapshot, places and staleness are set from outside between queries; nothing here reads a clock or a socket.
 */
import { MAX_NAME_LENGTH } from '@signpost/dns/constants';
import { Query } from '@signpost/dns/query';
import { Mark, Writer } from '@signpost/dns/write-message';
import { createSelection, type Selection } from '@signpost/policy/select-answer';

import { QueryClient } from '../client/view-client.ts';
import { NO_EXTENDED_ERROR } from '../encode/write-opt.ts';
import { createFound, type Found } from '../find/find-name.ts';
import {
  EMPTY_SNAPSHOT,
  type NameNode,
  type NameView,
  type ReadyRecord,
  type Snapshot,
  type Zone,
} from '../replica/zone.ts';

/** CNAMEs sent for one query, those that DNAMEs make included; what lies behind is for the resolver to ask (RFC 1034 3.6.2). */
export const MOST_LINKS = 8;

/** The RRset that answers, or the part of it that was selected. */
export interface Choice {
  type: number;
  ttlSeconds: number;
  records: readonly ReadyRecord[];
  /** How many of them. */
  count: number;
  /** Indexes into `records`, first to last; undefined: all in their own order. */
  order: Int32Array | undefined;
}

/** A name that is overwritten by each query. */
export interface NameBuffer extends NameView {
  length: number;
  labelCount: number;
}

function createNameBuffer(): NameBuffer {
  return {
    octets: new Uint8Array(MAX_NAME_LENGTH),
    length: 0,
    labelOffsets: new Uint8Array(MAX_NAME_LENGTH),
    labelCount: 0,
  };
}

export class QueryContext {
  /** Replaced by one assignment (H13). */
  snapshot: Snapshot = EMPTY_SNAPSHOT;
  /** The answers may be out of date, because the store or its writer was not heard for a while. */
  isStale = false;
  /** Uniform in [0, 1). */
  readonly draw: () => number;
  /** Grows with each selection: where a round robin starts. */
  turn = 0;

  readonly query = new Query();
  readonly client = new QueryClient();
  readonly writer = new Writer();
  readonly mark = new Mark();
  readonly found: Found = createFound();
  readonly selection: Selection = createSelection();
  readonly choice: Choice = { type: 0, ttlSeconds: 0, records: [], count: 0, order: undefined };

  /** The name looked for now: the question's, then each CNAME's target. */
  name: NameView;
  /** The zone that holds it. */
  zone: Zone | undefined;
  /** All names looked for so far, the question's first. */
  readonly visited: NameView[] = [];
  visitedCount = 0;

  /** Where names made by DNAMEs stand, one for each link of a chain. */
  readonly madeNames: readonly NameBuffer[] = Array.from({ length: MOST_LINKS }, createNameBuffer);
  /** Owners of the DNAMEs written so far. */
  readonly dnames: NameNode[] = [];
  dnameCount = 0;

  hasAnswer = false;
  /** Longest prefix that any selection of this query needed. */
  scope = 0;
  extendedError = NO_EXTENDED_ERROR;
  /** Response code of the last response, all twelve bits. */
  rcode = 0;

  readonly #question = new QuestionName(this.query);

  constructor(draw: () => number) {
    this.draw = draw;
    this.name = this.#question;
    for (let i = 0; i <= MOST_LINKS; i += 1) this.visited.push(this.#question);
  }

  /** Forgets what was found for the query before. */
  startQuery(): void {
    this.name = this.#question;
    this.visited[0] = this.#question;
    this.visitedCount = 1;
    this.dnameCount = 0;
    this.hasAnswer = false;
    this.scope = 0;
    this.extendedError = NO_EXTENDED_ERROR;
  }

  /** The present name as the writer wants it: null is the question's, which keeps the letters' case. */
  owner(): Uint8Array | null {
    return this.name === this.#question ? null : this.name.octets;
  }
}

/** The question's name as `find/` wants it: a view onto the reused query. */
class QuestionName implements NameView {
  readonly octets: Uint8Array;
  readonly labelOffsets: Uint8Array;
  readonly #query: Query;

  constructor(query: Query) {
    this.#query = query;
    this.octets = query.qname;
    this.labelOffsets = query.labelOffsets;
  }

  get length(): number {
    return this.#query.qnameLength;
  }

  get labelCount(): number {
    return this.#query.labelCount;
  }
}
