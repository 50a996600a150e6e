import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { readEntries } from './read-entries.ts';

function texts(text: string): string[] {
  return Array.from(readEntries(text), (entry) =>
    entry.kind === 'mistake'
      ? `${entry.line}:${entry.column} ${entry.message}`
      : `${entry.blankOwner ? '_' : ''}${entry.fields.map((field) => field.text).join('|')}`,
  );
}

test('a line is an entry; comments, empty lines and a byte order mark are none', () => {
  assert.deepEqual(texts('\uFEFFa  b\tc;x\n\n  ; only "\n \t\r\n d e\r\nf'), ['a|b|c', '_d|e', 'f']);
});

test('parentheses carry an entry over lines, also nested ones and with comments between', () => {
  assert.deepEqual(texts('a ( b ; x )\n ( c\n\n) d ) e\nf(g)h'), ['a|b|c|d|e', 'f|g|h']);
});

test('quotes and escapes keep special characters in a field', () => {
  assert.deepEqual(texts('"a ;(b" c\\;d \\" e\\ f "q\\"r\\\\"'), ['a ;(b|c\\;d|\\"|e\\ f|q\\"r\\\\']);
});

test('a quoted string may touch its neighbours and says so', () => {
  const [entry] = readEntries('a="b""c" d');
  assert.ok(entry?.kind === 'entry');
  assert.deepEqual(
    entry.fields.map(({ text, quoted, adjoins, column }) => [text, quoted, adjoins, column]),
    [
      ['a=', false, false, 1],
      ['b', true, true, 3],
      ['c', true, true, 6],
      ['d', false, false, 10],
    ],
  );
});

test('what is never closed is named at its place, and the next line is read', () => {
  assert.deepEqual(texts('a "b\nc )\nd\\\ne\n'), [
    '1:3 this quoted string does not end on its line; close it with ", and write \\" for a quote in it',
    '2:3 nothing is open here; remove this ) or open it with (',
    '3:1 a backslash ends the line; write \\\\ for the character itself',
    'e',
  ]);
  assert.deepEqual(texts('a ( (\nb )\n'), ['1:3 this parenthesis is never closed; close it with )']);
});

test('any text is cut into entries, every one with a field or a mistake', () => {
  const pieces = fc.constantFrom('a', ' ', '\n', '"', '(', ')', ';', '\\', '\t', '\r', '$');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (all) => {
      for (const entry of readEntries(all.join(''))) {
        assert.ok(entry.kind === 'mistake' || entry.fields.length > 0);
      }
    }),
    { numRuns: 1000 },
  );
});
