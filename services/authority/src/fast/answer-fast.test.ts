/** The fast path against the general one, its plain twin: over generated zones and queries both come to the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mutatedPackets } from '@signpost/dns/testing/mutated-packets';
import { scaled, showProgress } from '@signpost/testkit/test-scale';
import * as fc from 'fast-check';

import type { PlainZone } from '../reference/answer-plainly.ts';
import { ComparedContexts, type ComparedOptions } from '../testing/compared-contexts.ts';
import { PICKS } from '../testing/generated-policies.ts';
import { packetOf, query } from '../testing/generated-queries.ts';
import { world } from '../testing/generated-zones.ts';
import { group, steeredSet, zoneOf } from '../testing/sample-zone.ts';

const START_MS = 1_900_000_000_000;

const options: fc.Arbitrary<ComparedOptions> = fc.record({
  hasTables: fc.boolean(),
  nsid: fc.option(fc.constant(Uint8Array.of(1, 2, 3)), { nil: undefined }),
  hasCookies: fc.boolean(),
  perSecond: fc.option(fc.constantFrom(1, 3), { nil: undefined }),
  isStale: fc.nat(9).map((roll) => roll === 0),
});

const fraction = fc.integer({ min: 0, max: 2 ** 20 - 1 }).map((n) => n / 2 ** 20);
const asked = fc.record({ query, draw: fraction, slipDraw: fraction, passedMs: fc.nat(400) });

test('over any zones, any query comes to the same by both paths', () => {
  const runs = scaled({ slice: 300, full: 30_000 });
  const progress = showProgress('worlds', runs);
  let [done, compared, taken] = [0, 0, 0];
  fc.assert(
    fc.property(
      world(PICKS),
      fc.boolean(),
      options,
      fc.array(asked, { minLength: 1, maxLength: 20, size: 'max' }),
      (zones, isMixedCase, settings, queries) => {
        const contexts = new ComparedContexts(isMixedCase ? zones.map(inMixedCase) : zones, settings);
        let nowMs = START_MS;
        for (const [id, { query, passedMs, ...draws }] of queries.entries()) {
          nowMs += passedMs;
          const packet = packetOf(query, id, contexts.cookieOf(query.source, nowMs));
          contexts.compare(packet, query.source, { nowMs, ...draws });
          compared += 1;
        }
        taken += contexts.taken;
        progress((done += 1));
      },
    ),
    { numRuns: runs },
  );
  // Else what was compared would be the general path with itself.
  assert.ok(taken > compared / 4, `${taken} of ${compared} were taken`);
});

/** Names in RDATA as operators write them, now and then. */
function inMixedCase({ recordSets, ...zone }: PlainZone): PlainZone {
  return {
    ...zone,
    recordSets: recordSets.map(([field, set]) => {
      if (set.kind === 'steered') return [field, set];
      return [field, { ...set, rdata: set.rdata.map((text) => text.replaceAll(/\b[ab]\./g, upper)) }];
    }),
  };
}

function upper(text: string): string {
  return text.toUpperCase();
}

test('mutated packets come to the same by both paths', () => {
  const contexts = new ComparedContexts(
    [
      zoneOf(
        'example.net',
        `@ NS ns.example.net.
         ns A 192.0.2.53
         *.wild A 192.0.2.7
         alias CNAME www.example.net.
         sub NS ns.sub.example.net.
         ns.sub A 192.0.2.54
         ${Array.from({ length: 60 }, (_, i) => `many A 192.0.2.${i}`).join('\n')}`,
        { 'www.example.net|A': steeredSet([group('A', ['192.0.2.1', '192.0.2.2'])]) },
      ),
    ].map(({ apex, facts, recordSets }) => ({ apex, facts: facts!, recordSets })),
    { hasTables: false, nsid: Uint8Array.of(7), hasCookies: true, perSecond: undefined, isStale: false },
  );
  const source = Uint8Array.of(192, 0, 2, 9);
  for (const packet of mutatedPackets(23, scaled({ slice: 10_000, full: 1_000_000 }))) {
    contexts.compare(packet, source, { draw: 0.3, slipDraw: 0, nowMs: START_MS });
    contexts.fast.sampler!.drained();
    contexts.full.sampler!.drained();
  }
});
