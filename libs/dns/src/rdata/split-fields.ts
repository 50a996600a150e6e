/**
 * Cuts the text of one record's RDATA into fields at white space, minding quotes
 * and escapes (RFC 1035 5.1). Escapes stay as written: in a name `\.` is not a dot,
 * so each field's reader decodes its own. Comments and parentheses belong to zone
 * files and are not known here.
 */
import { RdataError } from '../errors.ts';

export interface Field {
  /** Without the quotes. */
  readonly text: string;
  readonly quoted: boolean;
  /** True when no white space stands before it, as for the quoted part of `alpn="h2"`. */
  readonly adjoins?: boolean;
}

/** One field with nothing to mind in it, as an address is. */
const SINGLE = /^[^\s"\\]+$/;

/** `type` is for the error message alone. With `mayAdjoin` a quoted string may follow `=` at once (RFC 9460 2.1). */
export function splitFields(type: string, text: string, mayAdjoin = false): Field[] {
  if (SINGLE.test(text)) return [{ text, quoted: false, adjoins: false }];
  const fields: Field[] = [];
  // A quoted string, or a run without white space and quotes; a backslash takes the next character along.
  const pattern = /\s*(?:"((?:[^"\\]|\\[^])*)"(?=\s|$)|((?:[^\s"\\]|\\[^])+)(?=\s|$|(?<==)"))/y;
  while (pattern.lastIndex < text.length) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    const adjoins = from > 0 && /\S/.test(text[from]!);
    if (match === null || (adjoins && !mayAdjoin)) {
      const rest = text.slice(from).trim();
      if (rest === '') break;
      throw new RdataError(
        type,
        `cannot read ${JSON.stringify(rest.slice(0, 60))}; close every quote, put spaces around quoted strings, and write \\" and \\\\ for the characters themselves`,
      );
    }
    const [, quoted, bare] = match;
    fields.push({ text: quoted ?? bare!, quoted: quoted !== undefined, adjoins });
  }
  return fields;
}
