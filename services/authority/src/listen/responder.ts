/**
 * What every listener calls for a packet: answers, counts, and is the one place that catches. The query path does
 * not throw; should it ever, one client gets SERVFAIL and a count tells us, instead of the worker ending.
 */
import { HEADER_LENGTH, HeaderFlag, Rcode } from '@signpost/dns/constants';

import type { Counters } from '../count/counters.ts';
import { Limited } from '../limit/rate-limiter.ts';
import { answerQuery } from '../serve/answer-query.ts';
import type { QueryContext } from '../serve/query-context.ts';
import { HEALTHY } from '../serve/standing.ts';
import { Transport } from '../serve/transport.ts';

/** One query of so many has its time taken: that costs about as much as a tenth of an answer. */
const TIMED_EVERY = 64;

export class Responder {
  readonly #context: QueryContext;
  readonly #counters: Counters;
  /** Milliseconds that only grow, for durations. */
  readonly #monotonic: () => number;
  readonly #now: () => number;
  #untilTimed = 1;

  /** @param now milliseconds since 1970, the same for all workers */
  constructor(context: QueryContext, counters: Counters, monotonic: () => number, now: () => number) {
    this.#context = context;
    this.#counters = counters;
    this.#monotonic = monotonic;
    this.#now = now;
  }

  /** Queries from now on came at the present time. To be called for each, or for several that came together. */
  readClock(): void {
    this.#context.nowMs = this.#now();
  }

  /**
   * Never throws.
   *
   * @param input holds the query in its first `length` octets
   * @param output may be `input`: then the response takes the query's place
   * @returns octets of the response in `output`, 0 for silence
   */
  respond(
    input: Uint8Array,
    length: number,
    source: Uint8Array,
    transport: Transport,
    output: Uint8Array,
  ): number {
    this.#untilTimed -= 1;
    if (this.#untilTimed > 0) return this.#answer(input, length, source, transport, output);
    this.#untilTimed = TIMED_EVERY;
    const startMs = this.#monotonic();
    const written = this.#answer(input, length, source, transport, output);
    this.#counters.duration((this.#monotonic() - startMs) / 1_000);
    return written;
  }

  #answer(
    input: Uint8Array,
    length: number,
    source: Uint8Array,
    transport: Transport,
    output: Uint8Array,
  ): number {
    const context = this.#context;
    const counters = this.#counters;
    const flags = input[2]!; // what goes wrong may have overwritten them
    try {
      const written = answerQuery(context, input, length, source, transport, output);
      if (written === 0 && context.limited === Limited.no) {
        counters.drop(transport === Transport.udp ? 'not_a_query' : 'tcp_malformed');
        return 0;
      }
      counters.request(transport, source.length === 4 ? 0 : 1, context.query.qtype);
      if (context.limited === Limited.slip) counters.slip();
      if (context.limited === Limited.drop) {
        counters.drop('rate_limited');
        return 0;
      }
      if (context.standing !== HEALTHY) counters.standing(context.standing);
      counters.response(transport, context.rcode, written);
      return written;
    } catch {
      counters.drop('internal_error');
      return serverFailure(input, length, flags, output);
    }
  }
}

/** A header alone: whatever else could be said may be what went wrong. */
function serverFailure(input: Uint8Array, length: number, flags: number, output: Uint8Array): number {
  if (length < HEADER_LENGTH || (flags & (HeaderFlag.QR >> 8)) !== 0) return 0;
  output[0] = input[0]!;
  output[1] = input[1]!;
  output.fill(0, 2, HEADER_LENGTH);
  output[2] = (HeaderFlag.QR >> 8) | (flags & 0x79); // opcode and RD
  output[3] = Rcode.SERVFAIL;
  return HEADER_LENGTH;
}
