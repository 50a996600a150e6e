/** Selection against its plain twin, and what every selection keeps to, for any record set and client. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import { scaled } from '@signpost/testkit/test-scale';
import * as fc from 'fast-check';

import type { ClientView } from './match-client.ts';
import {
  arbitraryClient,
  arbitraryLatencies,
  clientOf,
  latencyTable,
  type PlainLatencies,
} from './reference/arbitrary-client.ts';
import { arbitrarySet, SET_TARGETS } from './reference/arbitrary-record-set.ts';
import { selectPlainly } from './reference/select-plainly.ts';
import { createChance, furtherDraw, seedOf } from './chance.ts';
import { createSelection, prepareSteering, selectAnswer } from './select-answer.ts';

const OWNER = 'www.example.org';
const RUNS = scaled({ slice: 1_500, full: 50_000 });
const latencies = arbitraryLatencies(SET_TARGETS);
const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

function select(set: SteeredRecordSet, client: ClientView, measured: PlainLatencies, first = 0.3, turn = 1) {
  const table = latencyTable(measured, SET_TARGETS);
  const selection = createSelection();
  const steering = prepareSteering(set, table.slotOf);
  selectAnswer(steering, client, createChance(seedOf(set, OWNER), first, turn), selection, table.latencies);
  const { group, scope, answers, count } = selection;
  return { group, scope, answers: [...answers.subarray(0, count)] };
}

test('it selects what the plain twin selects', () => {
  let unclear = 0;
  fc.assert(
    fc.property(
      arbitrarySet,
      arbitraryClient,
      latencies,
      draw,
      fc.nat(),
      (set, client, measured, first, turn) => {
        const fast = select(set, client, measured, first, turn);
        const draws = [first, ...[1, 2, 3, 4].map((i) => furtherDraw(Float64Array.of(first), i))];
        const plain = selectPlainly(set, OWNER, client, { draws, turn }, measured);
        if (plain.length === 1) return assert.deepEqual(fast, plain[0]);
        unclear += 1;
        assert.ok(plain.some((own) => isSame(own, fast)));
      },
    ),
    { numRuns: RUNS },
  );
  assert.ok(unclear < RUNS / 20, `${unclear} of ${RUNS} hung on rounding`);
});

function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

test('clients that agree in as many bits as the scope says get the same group, and the same answers by affinity or order', () => {
  fc.assert(
    fc.property(
      arbitrarySet,
      arbitraryClient,
      latencies,
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      (set, client, measured, noise) => {
        const selected = select(set, client, measured);
        const octets = client.address.map((octet, i) => {
          const kept = 0xff << Math.max(0, Math.min(8, i * 8 + 8 - selected.scope));
          return (octet & kept) | (noise[i]! & ~kept);
        });
        // Beyond the scope the other client may differ, if its address is known at all that far.
        const other = select(set, clientOf(client.family, octets, client.sourceLength), measured, 0.9, 2);
        assert.deepEqual([other.group, other.scope], [selected.group, selected.scope]);
        const { pick } = set.groups[selected.group]!;
        if (pick === 'affinity' || pick === 'ordered') assert.deepEqual(other.answers, selected.answers);
        assert.equal(other.answers.length, selected.answers.length);
      },
    ),
    { numRuns: RUNS },
  );
});
