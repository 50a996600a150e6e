/**
 * Makes a type's text form, both ways, out of a list of parts: numbers, names,
 * strings, hexadecimal. What a single part looks like stands in `parts.ts` and
 * the files beside it; no type is known here.
 */
import { RdataError } from '../errors.ts';
import type { CasedName } from '../wire-name.ts';
import type { RdataFormat } from './rdata-format.ts';
import type { Field } from './split-fields.ts';

export interface RdataPart {
  /** What people call it, one word, e.g. `key-tag`. */
  readonly what: string;
  /** How many fields of the text it takes; all but `one` take what is left and so come last. */
  readonly takes: 'one' | 'one or more' | 'any number';
  /** Octets of the fields; throws RdataError. */
  readonly encode: (
    type: string,
    fields: readonly Field[],
    origin: CasedName | undefined,
  ) => ArrayLike<number>;
  /** Text of the octets from `at` and where the next part begins; undefined when they are not well-formed. */
  readonly format: (octets: Uint8Array, at: number) => { text: string; end: number } | undefined;
}

/** What is wrong with whole RDATA whose parts are each well-formed, with a remedy; undefined if nothing. */
export type RdataCheck = (octets: Uint8Array) => string | undefined;

export function rdataOfParts(type: string, parts: readonly RdataPart[], check?: RdataCheck): RdataFormat {
  return {
    encode(fields, origin) {
      expectCount(type, fields, parts);
      const pieces = parts.map((part, i) =>
        part.encode(type, part.takes === 'one' ? [fields[i]!] : fields.slice(i), origin),
      );
      const octets = joined(type, pieces);
      const complaint = check?.(octets);
      if (complaint === undefined) return octets;
      throw new RdataError(type, complaint);
    },

    format(octets) {
      const texts: string[] = [];
      let at = 0;
      for (const part of parts) {
        const read = part.format(octets, at);
        if (read === undefined) return undefined;
        if (read.text !== '') texts.push(read.text);
        at = read.end;
      }
      return at === octets.length && check?.(octets) === undefined ? texts.join(' ') : undefined;
    },
  };
}

function expectCount(type: string, fields: readonly Field[], parts: readonly RdataPart[]): void {
  const last = parts.at(-1)!.takes;
  const least = last === 'any number' ? parts.length - 1 : parts.length;
  if (fields.length >= least && (last !== 'one' || fields.length === least)) return;
  const shape = parts.map(({ what, takes }) => (takes === 'one' ? what : `${what}...`)).join(' ');
  throw new RdataError(type, `expected "${shape}", got ${fields.length} field(s)`);
}

function joined(type: string, pieces: ReadonlyArray<ArrayLike<number>>): Uint8Array {
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  if (size > 0xffff) throw new RdataError(type, `the data take ${size} octets; keep them below 65536`);
  const octets = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    octets.set(piece, at);
    at += piece.length;
  }
  return octets;
}
