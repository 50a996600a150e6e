/**
 * Writes single fields of RDATA as text; the inverse of `read-field.ts`.
 */
import { formatNameKeepingCase } from '../name-text.ts';

/** With its final dot, letters as they stand. */
export function nameField(name: Uint8Array): string {
  return name[0] === 0 ? '.' : `${formatNameKeepingCase(name)}.`;
}

/** In quotes, with every octet outside printable ASCII as \DDD. */
export function stringField(octets: Uint8Array): string {
  return `"${Array.from(octets, quotedOctet).join('')}"`;
}

function quotedOctet(octet: number): string {
  if (octet < 0x20 || octet >= 0x7f) return `\\${String(octet).padStart(3, '0')}`;
  const character = String.fromCharCode(octet);
  return character === '"' || character === '\\' ? `\\${character}` : character;
}
