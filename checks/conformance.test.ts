/** Every test that docs/conformance.md names is in the file it links to, and no row claims anything without one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const page = readFileSync('docs/conformance.md', 'utf8');
const [rfcs, pitfalls] = page.split('## Pitfalls').map(rowsOf);

/** Cells of the rows of a table, without its head. */
function rowsOf(text: string): string[][] {
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((line) => line.split(' |').map((cell) => cell.replace(/^\|? ?/, '')));
}

/** `[title](../file.test.ts)` */
function namedTests(text: string): Array<{ title: string; file: string }> {
  return [...text.matchAll(/\[([^\]]+)\]\(\.\.\/([^)]+\.test\.ts)\)/g)].map(([, title, file]) => ({
    title: title!,
    file: file!,
  }));
}

/** Titles that stand in the file as they are; those put together at run time cannot be named. */
function titlesIn(file: string): Set<string> {
  const calls = readFileSync(file, 'utf8').matchAll(
    /\b(?:test|describe)\(\s*(?:'((?:\\.|[^'\\])*)'|"([^"]*)")/g,
  );
  return new Set([...calls].map(([, single, double]) => double ?? single!.replace(/\\(.)/g, '$1')));
}

test('docs/conformance.md names tests that exist', () => {
  const named = namedTests(page);
  assert.ok(named.length > 80, `${named.length} tests are named`);
  for (const { title, file } of named) assert.ok(titlesIn(file).has(title), `${file} has no test "${title}"`);
});

test('docs/conformance.md has a test in every row, or says why it waits', () => {
  assert.ok(rfcs!.length > 30);
  for (const [rfc, , state, shown] of rfcs!) {
    assert.match(state!, /^(?:holds|waits, because )/, rfc);
    assert.ok(state!.startsWith('waits') || namedTests(shown!).length > 0, `RFC ${rfc} holds, says who?`);
  }
  assert.deepEqual(
    pitfalls!.map(([number]) => Number(number)),
    Array.from({ length: 21 }, (_, i) => i + 1),
  );
  for (const [number, , , shown] of pitfalls!) {
    assert.ok(shown!.startsWith('waits, because ') || namedTests(shown!).length > 0, `pitfall ${number}`);
  }
});
