import assert from 'node:assert/strict';
import { test } from 'node:test';

import { classCode, className, rcodeName, RRType, typeCode, typeName } from './constants.ts';

test('every known type translates to its name and back', () => {
  for (const [name, code] of Object.entries(RRType)) {
    assert.equal(typeName(code), name);
    assert.equal(typeCode(name), code);
    assert.equal(typeCode(name.toLowerCase()), code);
  }
});

test('an unknown type is written and read as TYPEn', () => {
  assert.equal(typeName(65280), 'TYPE65280');
  assert.equal(typeCode('TYPE65280'), 65280);
  assert.equal(typeCode('type1'), RRType.A);
});

test('what is not a type has no code', () => {
  for (const text of ['', 'TYPE', 'TYPE65536', 'TYPE01', 'TYPE-1', 'AAAAA', 'TYPE1.5', 'constructor']) {
    assert.equal(typeCode(text), undefined, text);
  }
});

test('classes and response codes have names too', () => {
  assert.equal(className(1), 'IN');
  assert.equal(className(77), 'CLASS77');
  assert.equal(classCode('ch'), 3);
  assert.equal(classCode('CLASS77'), 77);
  assert.equal(rcodeName(16), 'BADVERS');
  assert.equal(rcodeName(4000), 'RCODE4000');
});
