/**
 * Reads single fields of RDATA text: numbers, names, periods of time and
 * character strings. Each throws RdataError with a remedy.
 */
import { NameError, RdataError } from '../errors.ts';
import { endsInDot, parseNameKeepingCase, parseNameUnder } from '../name-text.ts';
import type { CasedName } from '../wire-name.ts';
import type { Field } from './split-fields.ts';

/** Refuses any other number of fields than `shape` has words, e.g. `preference exchange`. */
export function expectFields(type: string, fields: readonly Field[], shape: string): void {
  if (fields.length === 1 && !shape.includes(' ')) return;
  if (fields.length !== shape.split(' ').length) {
    throw new RdataError(type, `expected "${shape}", got ${fields.length} field(s)`);
  }
}

export function readNumber(type: string, what: string, field: Field, max: number): number {
  const value = /^\d{1,10}$/.test(field.text) ? Number(field.text) : Number.NaN;
  if (!field.quoted && value <= max) return value;
  throw new RdataError(type, `${what} is ${shown(field)}; write a whole number from 0 to ${max}`, { field });
}

/** Seconds, also in the units that zone files use: `1w2d3h4m5s`. */
export function readSeconds(type: string, what: string, field: Field): number {
  if (!/^(\d{1,10}[wdhms])+$/i.test(field.text)) return readNumber(type, what, field, 0xffffffff);
  const parts = Array.from(field.text.matchAll(/(\d+)([wdhms])/gi));
  const seconds = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * SECONDS_PER[unit!.toLowerCase()]!,
    0,
  );
  if (seconds <= 0xffffffff) return seconds;
  throw new RdataError(type, `${what} is ${shown(field)}; write at most 4294967295 seconds`, { field });
}

const SECONDS_PER: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 };

/**
 * A name, relative to `origin` as in zone files. Without an origin it needs its final dot: a missing dot is
 * the most usual mistake in zone data, so it is never guessed.
 */
export function readName(type: string, what: string, field: Field, origin: CasedName | undefined): CasedName {
  let name: CasedName;
  try {
    if (origin !== undefined) return parseNameUnder(origin, field.text);
    name = parseNameKeepingCase(field.text);
  } catch (error) {
    if (!(error instanceof NameError)) throw error;
    throw new RdataError(type, `${what}: ${error.message}`, { cause: error, field });
  }
  if (endsInDot(field.text)) return name;
  throw new RdataError(
    type,
    `${what} ${shown(field)} is not absolute; write "${field.text}." with a final dot`,
    { field },
  );
}

/** The octets a character string stands for; characters beyond ASCII become UTF-8. */
export function readOctets(type: string, what: string, field: Field): Uint8Array {
  const octets: number[] = [];
  const encoder = new TextEncoder();
  for (const [piece] of field.text.matchAll(/\\\d{3}|\\[^]|[^\\]+/g)) {
    if (!piece.startsWith('\\')) {
      octets.push(...encoder.encode(piece));
    } else if (!/^\\\d/.test(piece)) {
      octets.push(...encoder.encode(piece.slice(1)));
    } else if (piece.length === 4 && Number(piece.slice(1)) <= 255) {
      octets.push(Number(piece.slice(1)));
    } else {
      throw new RdataError(
        type,
        `${what} has the escape ${piece}; write \\ and three digits from 000 to 255`,
        { field },
      );
    }
  }
  return Uint8Array.from(octets);
}

export function shown(field: Field): string {
  return JSON.stringify(field.text.slice(0, 80));
}
