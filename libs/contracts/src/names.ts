/**
 * Names of our nouns, and how a zone becomes one token of a NATS subject.
 * Owner names themselves are text in canonical form: lower case, no final dot, the root is `.`.
 */
import * as z from 'zod';

import { NAME_PATTERN } from './name-pattern.ts';

export const nameSchema = z
  .string()
  .regex(NAME_PATTERN, 'a name has 1 to 63 characters of a-z, 0-9 and "-"')
  .meta({ description: 'A name: 1 to 63 characters of a-z, 0-9 and "-".' });

/** A host's name as one of ours, `Web_1.example.NET` -> `web-1-example-net`; `fallback` when nothing of it is left. */
export function nameFromHost(host: string, fallback: string): string {
  const name = host
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return name === '' ? fallback : name;
}

/** Key of a (monitor, target) pair; a NATS token separator keeps it one-to-one because names hold no dot. */
export function pairKey(monitor: string, target: string): string {
  return `${monitor}.${target}`;
}

/**
 * A zone apex as one subject token: dots become `_`, any other octet outside [a-z0-9-] becomes `=` and two
 * hex digits, and the root is a lone `=`.
 */
export function zoneToken(apex: string): string {
  if (apex === '.') return '=';
  let token = '';
  for (const octet of new TextEncoder().encode(apex)) {
    const character = String.fromCharCode(octet);
    if (character === '.') token += '_';
    else if (/[a-z0-9-]/.test(character)) token += character;
    else token += `=${octet.toString(16).padStart(2, '0')}`;
  }
  return token;
}

/** The apex of a token that `zoneToken` made. */
export function zoneOfToken(token: string): string {
  if (token === '=') return '.';
  const octets: number[] = [];
  for (let i = 0; i < token.length; i += 1) {
    const character = token[i]!;
    if (character === '_') octets.push(0x2e);
    else if (character === '=') {
      octets.push(Number.parseInt(token.slice(i + 1, i + 3), 16));
      i += 2;
    } else octets.push(character.charCodeAt(0));
  }
  return new TextDecoder().decode(Uint8Array.from(octets));
}
