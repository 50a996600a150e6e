/** Reads what JetStream says of a delivery in the reply subject of a message. Pure. */

export interface Delivery {
  /** Position in the stream. */
  readonly streamSequence: number;
  /** Position among the deliveries of this consumer, from 1. */
  readonly deliverySequence: number;
  readonly storedAtMs: number;
  /** Messages that match and were not yet delivered. */
  readonly pending: number;
}

/**
 * `$JS.ACK.<stream>.<consumer>.<count>.<stream seq>.<delivery seq>.<nanoseconds>.<pending>`; newer servers put
 * domain and account hash before the stream and a token behind. Undefined: no message of a stream.
 */
export function parseDelivery(reply: string): Delivery | undefined {
  const tokens = reply.split('.');
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK') return undefined;
  const first = tokens.length === 9 ? 5 : 7;
  if (tokens.length < first + 4) return undefined;
  const [streamSequence, deliverySequence, nanoseconds, pending] = tokens.slice(first, first + 4).map(Number);
  const storedAtMs = Math.floor(nanoseconds! / 1_000_000);
  return {
    streamSequence: streamSequence!,
    deliverySequence: deliverySequence!,
    storedAtMs,
    pending: pending!,
  };
}
