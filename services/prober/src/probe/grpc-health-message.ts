/**
 * The two messages of grpc.health.v1.Health/Check (grpc/health/v1/health.proto) in gRPC's framing. Pure.
 *
 *   frame     1 octet compressed (0), 4 octets length, message
 *   request   field 1, string: the service
 *   response  field 1, varint: the status
 */

export const HEALTH_CHECK_PATH = '/grpc.health.v1.Health/Check';
/** No response is longer: a frame of five octets, a field of two, and room for fields yet unknown. */
export const MAX_RESPONSE_OCTETS = 4_096;

const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

export function encodeRequest(service: string): Buffer {
  const text = Buffer.from(service);
  const message = text.length === 0 ? text : Buffer.concat([Buffer.of(0x0a), varint(text.length), text]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** The name of the status, or undefined when the octets are no such response. */
export function decodeResponse(octets: Buffer): string | undefined {
  if (octets.length < 5 || octets[0] !== 0 || octets.readUInt32BE(1) !== octets.length - 5) return undefined;
  let status = 0; // what an absent field means (proto3)
  for (let at = 5; at < octets.length;) {
    const key = readVarint(octets, at);
    if (key === undefined) return undefined;
    const field = readField(octets, key.end, key.value & 7);
    if (field === undefined) return undefined;
    if (key.value === 0x08) status = field.value;
    at = field.end;
  }
  return STATUSES[status] ?? String(status);
}

interface Read {
  readonly value: number;
  readonly end: number;
}

/** By wire type: 0 varint, 1 and 5 of fixed length, 2 with its length before it. Unknown fields are passed over. */
function readField(octets: Buffer, at: number, wireType: number): Read | undefined {
  if (wireType === 0) return readVarint(octets, at);
  const length = wireType === 2 ? readVarint(octets, at) : undefined;
  const end =
    wireType === 1
      ? at + 8
      : wireType === 5
        ? at + 4
        : length === undefined
          ? NaN
          : length.end + length.value;
  return end <= octets.length ? { value: 0, end } : undefined;
}

function readVarint(octets: Buffer, at: number): Read | undefined {
  let value = 0;
  for (let i = 0; i < 5; i += 1) {
    const octet = octets[at + i];
    if (octet === undefined) return undefined;
    value += (octet & 0x7f) * 2 ** (7 * i);
    if (octet < 0x80) return { value, end: at + i + 1 };
  }
  return undefined;
}

function varint(value: number): Buffer {
  const octets: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...octets, rest]);
    octets.push((rest & 0x7f) | 0x80);
  }
}
