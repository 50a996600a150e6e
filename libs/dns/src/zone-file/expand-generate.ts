/**
 * The templates of $GENERATE, as BIND defines them: `$` is the number, `${offset,width,base}`
 * the number with an offset, filled with zeros to a width, in base d, o, x or X, or as the
 * nibbles n or N of an ip6.arpa name; `$$` and `\$` are a dollar sign. Text in, text out.
 */

export interface GenerateRange {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
}

/** Reads `1-10` and `1-10/2`; undefined when it is no range that goes up. */
export function parseRange(text: string): GenerateRange | undefined {
  const match = /^(\d{1,10})-(\d{1,10})(?:\/(\d{1,10}))?$/.exec(text);
  if (match === null) return undefined;
  const [start, stop, step] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 1)];
  return start <= stop && stop <= MAX_NUMBER && step >= 1 ? { start, stop, step } : undefined;
}

export function rangeSize({ start, stop, step }: GenerateRange): number {
  return Math.floor((stop - start) / step) + 1;
}

/** The text for one number. Undefined when the template is malformed or leaves the numbers it can hold. */
export type Template = (value: number) => string | undefined;

export function parseTemplate(text: string): Template | undefined {
  const pieces: Template[] = [];
  for (let at = 0; at < text.length;) {
    const [piece, length] = readPiece(text.slice(at, at + MAX_PIECE));
    if (piece === undefined) return undefined;
    pieces.push(piece);
    at += length;
  }
  return (value) => {
    let whole = '';
    for (const piece of pieces) {
      const part = piece(value);
      if (part === undefined) return undefined;
      whole += part;
    }
    return whole;
  };
}

/** As signed 32-bit numbers are in BIND. */
const MAX_NUMBER = 0x7fffffff;
/** More digits than a name has room for are a mistake. */
const MAX_WIDTH = 253;
const MAX_PIECE = 300;

/** The piece that `text` begins with and its length. */
function readPiece(text: string): [piece: Template | undefined, length: number] {
  const literal = /^(?:\\[^]|[^$\\])+|^\\$/.exec(text)?.[0];
  if (literal !== undefined) return [() => literal, literal.length];
  if (text.startsWith('$$')) return [() => '$', 2];
  if (!text.startsWith('${')) return [String, 1];
  const match = /^\$\{(-?\d{1,10})(?:,(\d{1,3})(?:,([doxXnN]))?)?\}/.exec(text);
  const [whole = '', offset, width = '0', base = 'd'] = match ?? [];
  if (match === null || Number(width) > MAX_WIDTH) return [undefined, 0];
  return [(value) => formatNumber(value + Number(offset), Number(width), base), whole.length];
}

function formatNumber(value: number, width: number, base: string): string | undefined {
  if (Math.abs(value) > MAX_NUMBER) return undefined;
  if (base === 'n' || base === 'N') return value < 0 ? undefined : nibbles(value, width, base);
  if (base === 'd') {
    const digits = String(Math.abs(value));
    return value < 0 ? `-${digits.padStart(width - 1, '0')}` : digits.padStart(width, '0');
  }
  const digits = (value >>> 0).toString(base === 'o' ? 8 : 16).padStart(width, '0'); // below zero as two's complement
  return base === 'X' ? digits.toUpperCase() : digits;
}

/** Lowest nibble first, each with a dot behind it but the last; `width` counts the dots too. */
function nibbles(value: number, width: number, base: 'n' | 'N'): string {
  let text = '';
  let rest = value;
  let left = width;
  do {
    const digit = (rest & 15).toString(16);
    text += base === 'N' ? digit.toUpperCase() : digit;
    rest >>= 4;
    if (left > 0) left -= 1;
    if (left > 0 || rest !== 0) {
      text += '.';
      if (left > 0) left -= 1;
    }
  } while (rest !== 0 || left > 0);
  return text;
}
