import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { NAME_PATTERN } from './name-pattern.ts';
import { nameFromHost, zoneOfToken, zoneToken } from './names.ts';

test('a zone becomes one subject token: dots as _, odd octets as =xx, the root as =', () => {
  assert.equal(zoneToken('example.net'), 'example_net');
  assert.equal(zoneToken('_tcp.example.net'), '=5ftcp_example_net');
  assert.equal(zoneToken('.'), '=');
});

test('every zone has a token of its own that is safe in a subject and a key', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (apex) => {
      const token = zoneToken(apex);
      assert.match(token, /^[a-z0-9=_-]+$/);
      assert.equal(zoneOfToken(token), apex);
    }),
  );
});

test('any host name gives a name of ours', () => {
  assert.equal(nameFromHost('Web_1.Example.net', 'x'), 'web-1-example-net');
  assert.equal(nameFromHost('...', 'prober'), 'prober');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (host) =>
      assert.match(nameFromHost(host, 'x'), NAME_PATTERN),
    ),
  );
});
