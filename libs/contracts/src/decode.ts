/**
 * Bytes to checked values: the one door through which anything from another process enters.
 * Never throws; what is refused comes back with a reason that can be logged and counted.
 */
import type * as z from 'zod';

export type Decoded<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: string };

const utf8 = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

export function decodeJson<Schema extends z.ZodType>(
  schema: Schema,
  octets: Uint8Array | string,
): Decoded<z.output<Schema>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(typeof octets === 'string' ? octets : utf8.decode(octets));
  } catch (error) {
    return { ok: false, reason: `not JSON: ${(error as Error).message}` };
  }
  return checkValue(schema, parsed);
}

export function checkValue<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): Decoded<z.output<Schema>> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const first = result.error.issues[0];
  return { ok: false, reason: `${first?.path.join('.') ?? ''}: ${first?.message ?? 'refused'}` };
}

export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}
