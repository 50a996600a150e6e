/** Headers of the port to those of the NATS client and back. A name that repeats keeps its first value. */
import { headers as newHeaders, type MsgHdrs } from '@nats-io/transport-node';
import type { Headers } from '@signpost/contracts/messaging';

export function encodeHeaders(headers: Headers): MsgHdrs {
  const encoded = newHeaders();
  for (const [name, value] of Object.entries(headers)) encoded.set(name, value);
  return encoded;
}

export function decodeHeaders(headers: MsgHdrs | undefined): Headers {
  if (headers === undefined) return {};
  return Object.fromEntries(headers.keys().map((name) => [name, headers.get(name)]));
}
