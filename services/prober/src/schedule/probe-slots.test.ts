import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as fc from 'fast-check';

import { ProbeSlots } from './probe-slots.ts';

interface Probe {
  readonly name: string;
  readonly host: string;
}

/** Slots, and what they did; `ended` ends the probe that has run longest. */
function makeSlots(total: number, perHost: number) {
  const running: Probe[] = [];
  const began: string[] = [];
  const dropped: string[] = [];
  const unwanted = new Set<string>();
  const slots = new ProbeSlots<Probe>(
    { total, perHost },
    {
      start: (probe) => {
        running.push(probe);
        began.push(probe.name);
      },
      isWanted: ({ name }) => !unwanted.has(name),
      dropped: ({ name }) => void dropped.push(name),
    },
  );
  return {
    running,
    began,
    dropped,
    unwanted,
    offer: (host: string, name = host) => slots.offer({ host, name }),
    end: (at = 0) => {
      const [probe] = running.splice(at, 1);
      if (probe !== undefined) slots.ended(probe);
    },
  };
}

describe('ProbeSlots', () => {
  test('lets wait in order who finds no slot', () => {
    const slots = makeSlots(1, 1);
    for (const host of ['a', 'b', 'c']) slots.offer(host);
    assert.deepEqual(slots.began, ['a']);
    slots.end();
    slots.end();
    assert.deepEqual(slots.began, ['a', 'b', 'c']);
  });

  test('lets nobody wait for a host that is not theirs', () => {
    const slots = makeSlots(10, 2);
    for (let i = 0; i < 5; i += 1) slots.offer('slow', `slow-${i}`);
    slots.offer('quick');
    assert.deepEqual(slots.began, ['slow-0', 'slow-1', 'quick']);
    slots.end();
    assert.deepEqual(slots.began.at(-1), 'slow-2');
  });

  test('drops what is no longer wanted, and who waited behind it for the host begins', () => {
    const slots = makeSlots(1, 1);
    slots.offer('other');
    for (const name of ['a-0', 'a-1', 'a-2']) slots.offer('a', name);
    slots.unwanted.add('a-0').add('a-1');
    slots.end();
    assert.deepEqual(
      [slots.began, slots.dropped],
      [
        ['other', 'a-2'],
        ['a-0', 'a-1'],
      ],
    );
  });

  test('keeps both limits, and every probe begins or is dropped once', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('offer' as const), host: fc.integer({ min: 0, max: 4 }) }),
        fc.record({ kind: fc.constant('end' as const), at: fc.nat(20) }),
        fc.record({ kind: fc.constant('unwant' as const), at: fc.nat(60) }),
      ),
      { maxLength: 100 },
    );
    const limit = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(steps, limit, limit, (history, total, perHost) => {
        const slots = makeSlots(total, perHost);
        let offered = 0;
        for (const step of history) {
          if (step.kind === 'offer') slots.offer(String(step.host), String(offered++));
          else if (step.kind === 'unwant') slots.unwanted.add(String(step.at));
          else slots.end(step.at % Math.max(1, slots.running.length));
          assert.ok(slots.running.length <= total);
          for (const probes of Map.groupBy(slots.running, ({ host }) => host).values())
            assert.ok(probes.length <= perHost);
        }
        while (slots.running.length > 0) slots.end();
        const seen = [...slots.began, ...slots.dropped].toSorted();
        assert.deepEqual(seen, Array.from({ length: offered }, (_, i) => String(i)).toSorted());
      }),
    );
  });
});
