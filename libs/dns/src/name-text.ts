/**
 * Names as people write them: presentation format with the escapes of RFC 1035
 * 5.1 and RFC 4343 2.1. Cold path: configuration, zone files, logs.
 *
 * `parseName` reads names as absolute, with or without the final dot; `parseNameUnder`
 * reads them as zone files do, relative to an origin.
 */
import { MAX_LABEL_LENGTH, MAX_NAME_LENGTH } from './constants.ts';
import { NameError, type NameProblem } from './errors.ts';
import { type CasedName, LOWER_CASE, ROOT_NAME, type WireName } from './wire-name.ts';

const DOT = 0x2e;
const BACKSLASH = 0x5c;

/** Octets that have a meaning in zone files and so are written as `\.` and the like. */
const ESCAPED = new Set(Array.from('."\\();@$', (character) => character.charCodeAt(0)));

/** Reads a name and puts it in lower case; throws NameError. */
export function parseName(text: string): WireName {
  return parseNameKeepingCase(text).map((octet) => LOWER_CASE[octet]!) as WireName;
}

/** As `parseName`, but letters keep their case: for names inside RDATA. */
export function parseNameKeepingCase(text: string): CasedName {
  if (text === '.') return ROOT_NAME;
  if (text === '') throw new NameError('empty name', text, 'write "." for the root');
  const octets: number[] = [];
  let labelStart = 0;
  octets.push(0); // the length of the first label, known once it ends
  let at = 0;
  while (at < text.length) {
    if (text.charCodeAt(at) === DOT) {
      closeLabel(text, octets, labelStart);
      labelStart = octets.length;
      octets.push(0);
      at += 1;
    } else {
      at = readOctet(text, at, octets);
    }
  }
  if (labelStart < octets.length - 1) {
    closeLabel(text, octets, labelStart);
    octets.push(0);
  }
  if (octets.length > MAX_NAME_LENGTH) {
    throw problem('name too long', text, `shorten it to ${MAX_NAME_LENGTH} octets on the wire`);
  }
  return Uint8Array.from(octets) as CasedName;
}

/** A name as in a zone file: `@` is the origin, and without a final dot the origin is appended (RFC 1035 5.1). */
export function parseNameUnder(origin: CasedName, text: string): CasedName {
  if (text === '@') return origin;
  const name = parseNameKeepingCase(text);
  if (endsInDot(text)) return name;
  const head = name.length - 1;
  if (head + origin.length > MAX_NAME_LENGTH) {
    throw problem('name too long', text, `shorten it: with the origin it has ${head + origin.length} octets`);
  }
  const whole = new Uint8Array(head + origin.length);
  whole.set(name);
  whole.set(origin, head);
  return whole as CasedName;
}

/** True when the last dot is not an escaped one: an even number of backslashes stands before it. */
export function endsInDot(text: string): boolean {
  let at = text.length - 1;
  if (text.charCodeAt(at) !== DOT) return false;
  while (at > 0 && text.charCodeAt(at - 1) === BACKSLASH) at -= 1;
  return (text.length - 1 - at) % 2 === 0;
}

/** Lower-case presentation format without the final dot; the root is `.`. */
export function formatName(name: Uint8Array): string {
  return formatNameKeepingCase(name).toLowerCase(); // escapes hold only digits and punctuation
}

/** As `formatName`, but letters keep their case. */
export function formatNameKeepingCase(name: Uint8Array): string {
  if (name[0] === 0) return '.';
  const labels: string[] = [];
  for (let at = 0; name[at] !== 0 && at < name.length; at += name[at]! + 1) {
    labels.push(Array.from(name.subarray(at + 1, at + 1 + name[at]!), formatOctet).join(''));
  }
  return labels.join('.');
}

function formatOctet(octet: number): string {
  if (octet <= 0x20 || octet >= 0x7f) return `\\${String(octet).padStart(3, '0')}`;
  const character = String.fromCharCode(octet);
  return ESCAPED.has(octet) ? `\\${character}` : character;
}

function closeLabel(text: string, octets: number[], labelStart: number): void {
  const size = octets.length - labelStart - 1;
  if (size === 0) throw problem('empty label', text, 'remove the extra dot');
  if (size > MAX_LABEL_LENGTH) {
    throw problem('label too long', text, `keep each label to ${MAX_LABEL_LENGTH} octets`);
  }
  octets[labelStart] = size;
}

/** Appends the octet written at `at` and returns where the next one begins. */
function readOctet(text: string, at: number, octets: number[]): number {
  const code = text.charCodeAt(at);
  if (code <= 0x20 || code === 0x7f) {
    throw problem('bad character', text, 'write spaces and control characters as \\DDD');
  }
  if (code > 0x7f) throw problem('bad character', text, 'write international names in their xn-- form');
  if (code !== BACKSLASH) {
    octets.push(code);
    return at + 1;
  }
  return readEscape(text, at + 1, octets);
}

function readEscape(text: string, at: number, octets: number[]): number {
  const next = text.charCodeAt(at); // NaN at the end of the text
  if (next >= 0x30 && next <= 0x39) {
    const digits = /^\d{3}/.exec(text.slice(at, at + 3))?.[0];
    if (digits === undefined || Number(digits) > 255) {
      throw problem('bad escape', text, 'write \\ and three digits from 000 to 255');
    }
    octets.push(Number(digits));
    return at + 3;
  }
  if (!((next >= 0x20 && next < 0x7f) || next === 0x09)) {
    throw problem('bad escape', text, 'after \\ write one printable character or three digits');
  }
  octets.push(next);
  return at + 1;
}

function problem(kind: NameProblem, text: string, remedy: string): NameError {
  return new NameError(kind, text.length > 300 ? `${text.slice(0, 300)}…` : text, remedy);
}
