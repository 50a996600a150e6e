import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseRange, parseTemplate, rangeSize } from './expand-generate.ts';

test('a range goes up in steps', () => {
  assert.deepEqual(parseRange('1-10/3'), { start: 1, stop: 10, step: 3 });
  assert.equal(rangeSize(parseRange('1-10/3')!), 4);
  assert.equal(rangeSize(parseRange('5-5')!), 1);
  for (const text of ['2-1', '1-2/0', '1', '-1-2', '1-2147483648', 'a-b', '1-2-3']) {
    assert.equal(parseRange(text), undefined, text);
  }
});

test('a template holds the number as BIND writes it', () => {
  const cases: Array<[string, number, string | undefined]> = [
    ['host-$', 7, 'host-7'],
    ['a${1}b', 7, 'a8b'],
    ['${0,3}', 7, '007'],
    ['${-10,4}', 7, '-003'],
    ['${0,3,d}', 1234, '1234'],
    ['${0,0,o}', 8, '10'],
    ['${0,4,x}', 255, '00ff'],
    ['${0,0,X}', 255, 'FF'],
    ['${-3,4,x}', 1, 'fffffffe'],
    ['${0,0,n}', 0x1a, 'a.1'],
    ['${0,7,N}', 0x1a, 'A.1.0.0'],
    ['${-3,0,n}', 1, undefined],
    ['${2147483647}', 1, undefined],
    ['$$x\\$y\\\\$', 5, '$x\\$y\\\\5'],
    ['$.$', 5, '5.5'],
  ];
  for (const [template, value, expected] of cases) {
    assert.equal(parseTemplate(template)?.(value), expected, template);
  }
});

test('a template that cannot be read is none', () => {
  for (const text of ['${', '${}', '${a}', '${0,1,q}', '${0,1', '${0,254}', '${0,,x}']) {
    assert.equal(parseTemplate(text), undefined, text);
  }
});
