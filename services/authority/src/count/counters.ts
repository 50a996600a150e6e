/**
 * What a worker counts per query: one row of numbers in shared memory, which the worker alone writes and the main
 * thread reads when somebody scrapes. Doubles count exactly to 2^53 and are read whole.
 *
 *   requests [udp, tcp, tls] x [IPv4, IPv6] x types | responses by rcode | dropped by reason
 *   duration buckets, sum | response sizes: buckets, sum, for each transport | open TCP connections | slipped | by standing
 */
import { METRICS } from '@signpost/telemetry/metric-names';

import { STANDINGS } from '../serve/standing.ts';
import type { Transport } from '../serve/transport.ts';

/** Query types with a count of their own, as CoreDNS has them; the last slot is for all others. */
export const COUNTED_TYPES = [1, 28, 15, 6, 5, 12, 16, 2, 33, 43, 48, 46, 47, 50, 65, 251, 252, 255] as const;
/** Response codes with a count of their own; the last slot is for all others. */
export const COUNTED_RCODES = [0, 1, 2, 3, 4, 5, 16] as const;
export const DROP_REASONS = [
  /** Too short, or a response: to answer could start a loop. */
  'not_a_query',
  /** A mistake of ours; the query got SERVFAIL or nothing. */
  'internal_error',
  /** The client's network had more than its share of such responses. */
  'rate_limited',
  'send_failed',
  'receive_failed',
  /** A datagram longer than any query. */
  'oversized',
  /** A TCP connection that had to make room, took too long, or broke the framing. */
  'tcp_evicted',
  'tcp_timeout',
  'tcp_malformed',
  /** A TLS handshake that failed or took too long. */
  'tls_handshake',
  /** No PROXY header where a balancer that is to be believed must send one. */
  'proxy_malformed',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export const DURATION_BOUNDS: readonly number[] = METRICS.signpost_dns_request_duration_seconds.buckets ?? [];
export const SIZE_BOUNDS: readonly number[] = METRICS.signpost_dns_response_size_bytes.buckets ?? [];

const TYPES = COUNTED_TYPES.length + 1;
const TRANSPORTS = 3;
const REQUESTS = 0;
const RESPONSES = REQUESTS + TRANSPORTS * 2 * TYPES;
const DROPPED = RESPONSES + COUNTED_RCODES.length + 1;
const DURATIONS = DROPPED + DROP_REASONS.length;
const DURATION_SUM = DURATIONS + DURATION_BOUNDS.length + 1;
const SIZES = DURATION_SUM + 1;
const SIZE_ROW = SIZE_BOUNDS.length + 2;
const TCP_CONNECTIONS = SIZES + TRANSPORTS * SIZE_ROW;
const SLIPPED = TCP_CONNECTIONS + 1;
const STANDING_ROW = SLIPPED + 1;
const LENGTH = STANDING_ROW + STANDINGS.length;

const TYPE_SLOTS = slots(COUNTED_TYPES, 257);
const RCODE_SLOTS = slots(COUNTED_RCODES, 32);

/** Shared memory for one worker. */
export function countersMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(LENGTH * Float64Array.BYTES_PER_ELEMENT);
}

export class Counters {
  readonly #row: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#row = new Float64Array(memory);
  }

  /** `family`: 0 IPv4, 1 IPv6. */
  request(transport: Transport, family: 0 | 1, qtype: number): void {
    const slot = qtype < TYPE_SLOTS.length ? TYPE_SLOTS[qtype]! : COUNTED_TYPES.length;
    this.#row[REQUESTS + (transport * 2 + family) * TYPES + slot]! += 1;
  }

  response(transport: Transport, rcode: number, size: number): void {
    const slot = rcode < RCODE_SLOTS.length ? RCODE_SLOTS[rcode]! : COUNTED_RCODES.length;
    this.#row[RESPONSES + slot]! += 1;
    const sizes = SIZES + transport * SIZE_ROW;
    this.#row[sizes + bucketOf(SIZE_BOUNDS, size)]! += 1;
    this.#row[sizes + SIZE_ROW - 1]! += size;
  }

  duration(seconds: number): void {
    this.#row[DURATIONS + bucketOf(DURATION_BOUNDS, seconds)]! += 1;
    this.#row[DURATION_SUM]! += seconds;
  }

  drop(reason: DropReason): void {
    this.#row[DROPPED + DROP_REASONS.indexOf(reason)]! += 1;
  }

  /** A response gave way to one that tells the client how to get it. */
  slip(): void {
    this.#row[SLIPPED]! += 1;
  }

  /** A response that a policy decided: how the pool stood, as a position in `STANDINGS`. */
  standing(index: number): void {
    this.#row[STANDING_ROW + index]! += 1;
  }

  setTcpConnections(count: number): void {
    this.#row[TCP_CONNECTIONS] = count;
  }
}

/** The sum over all workers, read at one moment. */
export interface CounterReading {
  /** [transport][family][slot of the type]. */
  requests(transport: Transport, family: 0 | 1, slot: number): number;
  responses(slot: number): number;
  dropped(reason: DropReason): number;
  readonly durations: Float64Array;
  readonly durationSum: number;
  sizes(transport: Transport): { readonly counts: Float64Array; readonly sum: number };
  readonly tcpConnections: number;
  readonly slipped: number;
  standings(index: number): number;
}

export function readCounters(memories: readonly SharedArrayBuffer[]): CounterReading {
  const sum = new Float64Array(LENGTH);
  for (const memory of memories) new Float64Array(memory).forEach((value, i) => (sum[i]! += value));
  return {
    requests: (transport, family, slot) => sum[REQUESTS + (transport * 2 + family) * TYPES + slot]!,
    responses: (slot) => sum[RESPONSES + slot]!,
    dropped: (reason) => sum[DROPPED + DROP_REASONS.indexOf(reason)]!,
    durations: sum.subarray(DURATIONS, DURATION_SUM),
    durationSum: sum[DURATION_SUM]!,
    sizes: (transport) => {
      const start = SIZES + transport * SIZE_ROW;
      return { counts: sum.subarray(start, start + SIZE_ROW - 1), sum: sum[start + SIZE_ROW - 1]! };
    },
    tcpConnections: sum[TCP_CONNECTIONS]!,
    slipped: sum[SLIPPED]!,
    standings: (index) => sum[STANDING_ROW + index]!,
  };
}

/** The first bound that is not below the value; one more bucket takes the rest. */
function bucketOf(bounds: readonly number[], value: number): number {
  let bucket = 0;
  while (bucket < bounds.length && value > bounds[bucket]!) bucket += 1;
  return bucket;
}

function slots(counted: readonly number[], length: number): Uint8Array {
  const table = new Uint8Array(length).fill(counted.length);
  for (const [slot, code] of counted.entries()) table[code] = slot;
  return table;
}
