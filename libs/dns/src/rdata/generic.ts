/** RDATA of any type as octets: `\# 4 c0000201` (RFC 3597 5). */
import { RdataError } from '../errors.ts';
import type { Field } from './split-fields.ts';

export function isGeneric(fields: readonly Field[]): boolean {
  return fields[0]?.text === '\\#' && !fields[0].quoted;
}

/** Hexadecimal digits may stand in several fields, as long as each octet is whole. */
export function encodeGeneric(type: string, fields: readonly Field[]): Uint8Array {
  const length = Number(/^\d{1,5}$/.exec(fields[1]?.text ?? '')?.[0] ?? Number.NaN);
  const groups = fields.slice(2).map((field) => field.text);
  if (!(length <= 0xffff) || !groups.every((group) => /^([\da-f]{2})+$/i.test(group))) {
    throw new RdataError(
      type,
      'write \\#, the number of octets and then the octets in hexadecimal, such as \\# 2 c0ff',
    );
  }
  const hex = groups.join('');
  if (hex.length !== 2 * length) {
    throw new RdataError(
      type,
      `\\# announces ${length} octets but ${hex.length / 2} follow; make them agree`,
    );
  }
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

export function formatGeneric(octets: Uint8Array): string {
  const hex = Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
  return octets.length === 0 ? '\\# 0' : `\\# ${octets.length} ${hex}`;
}
