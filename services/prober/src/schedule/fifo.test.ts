import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { Fifo } from './fifo.ts';

test('gives what it was given, in that order, whatever comes between', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (steps) => {
      const line = new Fifo<number>();
      const plain: number[] = [];
      for (const [i, isAdded] of steps.entries()) {
        if (isAdded) {
          line.add(i);
          plain.push(i);
        } else {
          assert.equal(line.take(), plain.shift());
        }
        assert.equal(line.size, plain.length);
      }
    }),
  );
});
