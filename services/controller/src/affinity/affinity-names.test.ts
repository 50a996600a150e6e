import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { affinityNames } from './affinity-names.ts';

const [NEW, OLD] = ['new secret of sixteen', 'old secret of sixteen'];

test('the code is the beginning of HMAC-SHA256 in base32, of zone, owner and target', () => {
  const [name] = affinityNames([NEW])!('example.net', 'go.example.net', 'eu-a');
  // RFC 4648: eight characters are the first five octets.
  const octets = createHmac('sha256', NEW).update('example.net|go.example.net|eu-a').digest().subarray(0, 5);
  const bits = [...octets].map((octet) => octet.toString(2).padStart(8, '0')).join('');
  const code = (bits.match(/.{5}/g) ?? []).map(
    (five) => 'abcdefghijklmnopqrstuvwxyz234567'[parseInt(five, 2)],
  );
  assert.equal(name, `eu-a-${code.join('')}.go.example.net`);
});

test('both secrets have names while one is exchanged for the other, the first before the second', () => {
  const ask = (...secrets: string[]) => affinityNames(secrets)!('example.net', 'go.example.net', 'eu-a');
  assert.deepEqual(ask(NEW, OLD), [...ask(NEW), ...ask(OLD)]);
  assert.notDeepEqual(ask(NEW), ask(OLD));
  assert.equal(ask(NEW, NEW).length, 1);
});

test('a name at the root, and none without a secret', () => {
  assert.match(affinityNames([NEW])!('.', '.', 'eu-a')[0]!, /^eu-a-[a-z2-7]{8}$/);
  assert.equal(affinityNames([]), undefined);
});
