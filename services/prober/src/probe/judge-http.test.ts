import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isWanted, judgeHead } from './judge-http.ts';

test('a status is wanted by itself or in a set of them', () => {
  const sets = [[200, 299] as [number, number], 304];
  assert.deepEqual(
    [199, 200, 299, 300, 304].map((status) => isWanted(sets, status)),
    [false, true, true, false, true],
  );
});

test('says what was wanted as it is written', () => {
  const status = [[200, 299] as [number, number], [301, 303] as [number, number], 308];
  assert.equal(
    judgeHead({ status, header: {} }, 500, () => undefined),
    'status 500, wanted 2xx, 301-303 or 308',
  );
});
