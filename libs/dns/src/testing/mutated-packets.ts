/**
 * For tests only: packets as an attacker or a broken sender would send them, from a seed. Most are queries that know
 * what a query is made of (`draft-query.ts`) and have some of it changed with that knowledge (`mutate-query.ts`): such
 * packets get far in. Some are pure chance. Parser, query path and process are all given the same.
 */
import { seededDraw } from '@signpost/testkit/seeded-draw';

import { draftQuery } from './draft-query.ts';
import { mutateQuery } from './mutate-query.ts';
import { picker } from './picker.ts';

const LONGEST_BY_CHANCE = 1_400;

export function* mutatedPackets(seed: number, count: number): Generator<Uint8Array> {
  const draw = picker(seededDraw(seed));
  for (let i = 0; i < count; i += 1) {
    if (draw.isRare(0.05)) {
      const length = draw.below(draw.isRare(0.1) ? LONGEST_BY_CHANCE : 64);
      yield Uint8Array.from({ length }, () => draw.below(256));
      continue;
    }
    const draft = draftQuery(draw, i & 0xffff);
    for (let left = changes(draw.below(10)); left > 0; left -= 1) mutateQuery(draft, draw);
    yield Uint8Array.from(draft.octets);
  }
}

/** Four in ten stay as they were drafted, which is odd enough; few are changed so much that nothing is left of them. */
function changes(roll: number): number {
  if (roll < 4) return 0;
  return roll < 7 ? 1 : roll - 5;
}
