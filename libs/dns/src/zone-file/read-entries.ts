/**
 * Cuts the text of a zone file into entries, each a record or a directive, and these
 * into fields (RFC 1035 5.1): comments, quotes, and parentheses that let an entry go
 * on over lines. Escapes stay as written. What the fields mean is not known here.
 */
import type { Field } from '../rdata/split-fields.ts';

export interface ZoneField extends Field {
  readonly line: number;
  readonly column: number;
  readonly adjoins: boolean;
}

export type Entry =
  | {
      readonly kind: 'entry';
      /** White space stands first, so the owner is that of the entry before. */
      readonly blankOwner: boolean;
      /** At least one. */
      readonly fields: readonly ZoneField[];
    }
  | { readonly kind: 'mistake'; readonly line: number; readonly column: number; readonly message: string };

export function* readEntries(text: string): Generator<Entry, void, undefined> {
  const place: Place = { at: text.startsWith('\uFEFF') ? 1 : 0, line: 1, lineStart: 0 };
  while (place.at < text.length) {
    const entry = readEntry(text, place);
    if (entry !== undefined) yield entry;
  }
}

interface Place {
  at: number;
  line: number;
  /** Where the line begins in the text. */
  lineStart: number;
}

/** Undefined for a line without any field. Ends behind the line end, also after a mistake. */
function readEntry(text: string, place: Place): Entry | undefined {
  const fields: ZoneField[] = [];
  const blankOwner = isSpace(text.charCodeAt(place.at));
  let open: Entry | undefined; // what to say of the first parenthesis that is not closed yet
  let depth = 0;
  let fieldEnd = -1;
  while (place.at < text.length) {
    const code = text.charCodeAt(place.at);
    if (code === LINE_FEED) {
      nextLine(place);
      if (depth === 0) return entryOf(fields, blankOwner);
    } else if (isSpace(code)) {
      place.at += 1;
    } else if (code === SEMICOLON) {
      place.at = endOfLine(text, place.at);
    } else if (code === OPEN) {
      if (depth === 0) open = mistake(place, 'this parenthesis is never closed; close it with )');
      depth += 1;
      place.at += 1;
    } else if (code === CLOSE) {
      if (depth === 0) return skipLine(text, place, 'nothing is open here; remove this ) or open it with (');
      depth -= 1;
      place.at += 1;
    } else {
      const end = code === QUOTE ? endOfQuoted(text, place.at) : endOfWord(text, place.at);
      if (end < 0) {
        const wrong = code === QUOTE ? UNCLOSED_QUOTE : LONE_BACKSLASH;
        return skipLine(text, place, wrong);
      }
      fields.push(fieldOf(text, place, end, place.at === fieldEnd));
      fieldEnd = end;
      place.at = end;
    }
  }
  return depth > 0 ? open : entryOf(fields, blankOwner);
}

const UNCLOSED_QUOTE =
  'this quoted string does not end on its line; close it with ", and write \\" for a quote in it';
const LONE_BACKSLASH = 'a backslash ends the line; write \\\\ for the character itself';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB || code === CARRIAGE_RETURN;
}

function nextLine(place: Place): void {
  place.at += 1;
  place.line += 1;
  place.lineStart = place.at;
}

function entryOf(fields: readonly ZoneField[], blankOwner: boolean): Entry | undefined {
  return fields.length === 0 ? undefined : { kind: 'entry', blankOwner, fields };
}

function fieldOf(text: string, place: Place, end: number, adjoins: boolean): ZoneField {
  const quoted = text.charCodeAt(place.at) === QUOTE;
  return {
    text: quoted ? text.slice(place.at + 1, end - 1) : text.slice(place.at, end),
    quoted,
    adjoins,
    line: place.line,
    column: place.at - place.lineStart + 1,
  };
}

/** One past the closing quote, or -1 when the line ends first. */
function endOfQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === LINE_FEED) return -1;
    if (code === BACKSLASH && text.charCodeAt(at + 1) !== LINE_FEED) at += 1;
  }
  return -1;
}

/** Where a run without white space and special characters ends; a backslash takes the next character along. */
function endOfWord(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isSpace(code) || code === LINE_FEED || code === QUOTE) break;
    if (code === OPEN || code === CLOSE || code === SEMICOLON) break;
    if (code === BACKSLASH) {
      at += 1;
      const next = text.charCodeAt(at);
      if (at >= text.length || next === LINE_FEED || next === CARRIAGE_RETURN) return -1;
    }
  }
  return at;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function mistake(place: Place, message: string): Entry {
  return { kind: 'mistake', line: place.line, column: place.at - place.lineStart + 1, message };
}

function skipLine(text: string, place: Place, message: string): Entry {
  const found = mistake(place, message);
  place.at = endOfLine(text, place.at);
  if (place.at < text.length) nextLine(place);
  return found;
}
