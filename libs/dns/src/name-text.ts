/**
 * Names as people write them: presentation format with the escapes of RFC 1035
 * 5.1 and RFC 4343 2.1. Cold path: configuration, zone files, logs.
 *
 * `parseName` reads names as absolute, with or without the final dot; `parseNameUnder`
 * reads them as zone files do, relative to an origin.
 */
import { MAX_LABEL_LENGTH, MAX_NAME_LENGTH } from './constants.ts';
import { NameError, type NameProblem } from './errors.ts';
import { type CasedName, LOWER_CASE, type WireName } from './wire-name.ts';

const DOT = 0x2e;
const BACKSLASH = 0x5c;

/** Octets that have a meaning in zone files and so are written as `\.` and the like. */
const ESCAPED = new Set(Array.from('."\\();@$', (character) => character.charCodeAt(0)));

/** Reads a name and puts it in lower case; throws NameError. */
export function parseName(text: string): WireName {
  const name = parseNameKeepingCase(text);
  for (let i = 0; i < name.length; i += 1) name[i] = LOWER_CASE[name[i]!]!; // lengths of labels are below all letters
  return name as WireName;
}

/** As `parseName`, but letters keep their case: for names inside RDATA. */
export function parseNameKeepingCase(text: string): CasedName {
  if (text === '.') return Uint8Array.of(0) as CasedName;
  if (text === '') throw new NameError('empty name', text, 'write "." for the root');
  // Each character makes one octet at most; besides, there are the first length and the final zero.
  const octets = new Uint8Array(text.length + 2);
  let labelStart = 0;
  let length = 1; // room for the length of the first label, known once it ends
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      octets[labelStart] = labelSize(text, labelStart, length);
      labelStart = length;
      at += 1;
    } else if (code === BACKSLASH) {
      octets[length] = escapedOctet(text, at + 1);
      at += isDigit(text.charCodeAt(at + 1)) ? 4 : 2;
    } else {
      octets[length] = plainOctet(text, code);
      at += 1;
    }
    length += 1;
  }
  if (labelStart < length - 1) {
    octets[labelStart] = labelSize(text, labelStart, length);
    length += 1;
  }
  if (length > MAX_NAME_LENGTH) {
    throw problem('name too long', text, `shorten it to ${MAX_NAME_LENGTH} octets on the wire`);
  }
  return (length === octets.length ? octets : octets.slice(0, length)) as CasedName;
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

/** Of the label whose length stands at `labelStart`, and which ends before `end`. */
function labelSize(text: string, labelStart: number, end: number): number {
  const size = end - labelStart - 1;
  if (size === 0) throw problem('empty label', text, 'remove the extra dot');
  if (size > MAX_LABEL_LENGTH) {
    throw problem('label too long', text, `keep each label to ${MAX_LABEL_LENGTH} octets`);
  }
  return size;
}

function plainOctet(text: string, code: number): number {
  if (code <= 0x20 || code === 0x7f) {
    throw problem('bad character', text, 'write spaces and control characters as \\DDD');
  }
  if (code > 0x7f) throw problem('bad character', text, 'write international names in their xn-- form');
  return code;
}

/** That of `\.` or `\046`; `at` is behind the backslash. */
function escapedOctet(text: string, at: number): number {
  const next = text.charCodeAt(at); // NaN at the end of the text
  if (isDigit(next)) {
    const digits = /^\d{3}/.exec(text.slice(at, at + 3))?.[0];
    if (digits !== undefined && Number(digits) <= 255) return Number(digits);
    throw problem('bad escape', text, 'write \\ and three digits from 000 to 255');
  }
  if ((next >= 0x20 && next < 0x7f) || next === 0x09) return next;
  throw problem('bad escape', text, 'after \\ write one printable character or three digits');
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function problem(kind: NameProblem, text: string, remedy: string): NameError {
  return new NameError(kind, text.length > 300 ? `${text.slice(0, 300)}…` : text, remedy);
}
