/**
 * The values of a static record as RDATA in presentation format, the form in which record sets are published. A text
 * is in that form already, but for TXT, where it is the plain text that the record says.
 * Must not judge them: `encodeRdata` of libs/dns does.
 */
import type { RecordValue } from '@signpost/contracts/record-configuration';

/** Octets of one character string (RFC 1035 section 3.3). */
const MAX_STRING_LENGTH = 255;

/** RDATA texts in the order of `values`; names stay as written, absolute with the final dot. */
export function recordTexts(type: string, values: readonly RecordValue[]): string[] {
  return values.map((value) => recordText(type, value));
}

function recordText(type: string, value: RecordValue): string {
  if (typeof value === 'string') return type === 'TXT' ? quotedStrings(value) : value;
  if ('rdata' in value) return value.rdata;
  if ('exchange' in value) return `${value.preference} ${value.exchange}`;
  if ('tag' in value) return `${value.flags} ${value.tag} ${quoted(utf8(value.value))}`;
  return `${value.priority} ${value.weight} ${value.port} ${value.target}`;
}

/** Plain text, of any length, as strings of 255 octets that a reader puts together again. */
function quotedStrings(text: string): string {
  const octets = utf8(text);
  const strings: string[] = [];
  for (let at = 0; at === 0 || at < octets.length; at += MAX_STRING_LENGTH) {
    strings.push(quoted(octets.subarray(at, at + MAX_STRING_LENGTH)));
  }
  return strings.join(' ');
}

/** RFC 1035 section 5.1: `\"`, `\\`, and `\DDD` for what does not print. */
function quoted(octets: Uint8Array): string {
  const characters = Array.from(octets, (octet) => {
    if (octet < 0x20 || octet > 0x7e) return `\\${String(octet).padStart(3, '0')}`;
    const character = String.fromCharCode(octet);
    return character === '"' || character === '\\' ? `\\${character}` : character;
  });
  return `"${characters.join('')}"`;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
