import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { NameError } from './errors.ts';
import { formatName, formatNameKeepingCase, parseName, parseNameKeepingCase } from './name-text.ts';
import { endOfName, toWireName } from './wire-name.ts';

const anyWireName = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 63 }), { maxLength: 8 })
  .map((labels) => Uint8Array.from([...labels.flatMap((label) => [label.length, ...label]), 0]))
  .filter((octets) => octets.length <= 255);

test('the final dot changes nothing', () => {
  assert.deepEqual(parseName('www.example.com.'), parseName('www.example.com'));
  assert.deepEqual([...parseName('Ab.c')], [2, 0x61, 0x62, 1, 0x63, 0]);
});

test('the root is a dot', () => {
  assert.deepEqual([...parseName('.')], [0]);
  assert.equal(formatName(parseName('.')), '.');
});

test('a name belongs to whoever read it', () => {
  for (const text of ['.', 'a.b', 'a.b.', '\\065']) {
    parseName(text).fill(7);
    assert.notEqual(parseName(text)[0], 7, text);
  }
});

test('escapes stand for single octets', () => {
  assert.deepEqual([...parseName('a\\.b.\\000\\255')], [3, 0x61, 0x2e, 0x62, 2, 0, 255, 0]);
  assert.equal(formatName(parseName('a\\.b.\\000\\255\\032')), 'a\\.b.\\000\\255\\032');
  assert.deepEqual([...parseName('\\065')], [1, 0x61, 0]);
  assert.deepEqual([...parseNameKeepingCase('\\065B')], [2, 0x41, 0x42, 0]);
});

test('what is not a name is refused with the rule it breaks', () => {
  const cases: Array<[string, NameError['problem']]> = [
    ['', 'empty name'],
    ['..', 'empty label'],
    ['.a', 'empty label'],
    ['a..b', 'empty label'],
    ['a..', 'empty label'],
    ['a'.repeat(64), 'label too long'],
    [`${'a'.repeat(64)}.b`, 'label too long'],
    [`${`${'a'.repeat(63)}.`.repeat(3)}${'a'.repeat(62)}`, 'name too long'],
    ['a\\', 'bad escape'],
    ['a\\1', 'bad escape'],
    ['a\\12x', 'bad escape'],
    ['a\\256', 'bad escape'],
    ['a\\\nb', 'bad escape'],
    ['a b', 'bad character'],
    ['bücher.example', 'bad character'],
    // The first mistake from the left; that the whole is too long, only where there is no other.
    [`${'a.'.repeat(200)}.b c`, 'empty label'],
    [`${'a.'.repeat(200)}b c..`, 'bad character'],
    [`${'a.'.repeat(200)}\\9`, 'bad escape'],
    [`${'a'.repeat(300)}.b c`, 'label too long'],
    [`${'a'.repeat(300)} b`, 'bad character'],
    ['a.'.repeat(128), 'name too long'],
  ];
  for (const [text, expected] of cases) {
    assert.throws(
      () => parseName(text),
      (error) =>
        error instanceof NameError && error.problem === expected && error.code === 'SIGNPOST_DNS_NAME',
      text,
    );
  }
});

test('labels of 63 octets and names of 255 octets are accepted', () => {
  const longest = `${`${'a'.repeat(63)}.`.repeat(3)}${'a'.repeat(61)}`;
  assert.equal(parseName(longest).length, 255);
  assert.equal(formatName(parseName(longest)), longest);
});

test('any wire name survives being written and read', () => {
  fc.assert(
    fc.property(anyWireName, (octets) => {
      assert.deepEqual([...parseNameKeepingCase(formatNameKeepingCase(octets))], [...octets]);
      assert.deepEqual(parseName(formatName(octets)), toWireName(octets));
      assert.equal(formatName(octets), formatName(toWireName(octets)));
    }),
  );
});

test('any text is either refused with a NameError or becomes a well-formed name', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^([a-zA-Z0-9\\.]|\\\d\d\d){0,300}$/));
  fc.assert(
    fc.property(text, (input) => {
      try {
        const name = parseName(input);
        assert.equal(endOfName(name, 0, name.length), name.length);
      } catch (error) {
        assert.ok(error instanceof NameError);
      }
    }),
  );
});
