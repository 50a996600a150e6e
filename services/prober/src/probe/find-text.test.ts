import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MAX_ANSWER_OCTETS } from '@signpost/contracts/monitor-kinds';
import fc from 'fast-check';

import { textSearch } from './find-text.ts';

test('finds a text exactly when it is there, however the answer is cut', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 40 });
  fc.assert(
    fc.property(
      letters,
      letters.filter((text) => text !== ''),
      fc.array(fc.nat(60)),
      (answer, text, cuts) => {
        const octets = Buffer.from(answer);
        const search = textSearch(text);
        const edges = [
          0,
          ...cuts.filter((cut) => cut < octets.length).toSorted((a, b) => a - b),
          octets.length,
        ];
        const outcomes = edges.slice(1).map((end, i) => search(octets.subarray(edges[i], end)));
        assert.equal(outcomes.includes('found'), octets.includes(Buffer.from(text)));
      },
    ),
  );
});

test('looks at the first 64 KiB and not an octet further', () => {
  const filler = Buffer.alloc(MAX_ANSWER_OCTETS - 2, 'x');
  const inside = textSearch('ok');
  assert.equal(inside(filler), 'not yet');
  assert.equal(inside(Buffer.from('ok')), 'found');
  const astride = textSearch('ok');
  assert.equal(astride(Buffer.concat([filler, Buffer.from('xo')])), 'exhausted');
  assert.equal(astride(Buffer.from('k')), 'exhausted');
});
