/** For tests only: steered record sets by chance, of all picks and branches, and what clients are told apart by. */
import type { Branch, SteeredRecordSet } from '@signpost/contracts/record-set';
import * as fc from 'fast-check';

import { group, steeredSet } from './sample-zone.ts';

type SteeredType = 'A' | 'AAAA' | 'CNAME';
type Group = SteeredRecordSet['groups'][number];
export type PickKind = Group['pick'];
type Rules = Pick<SteeredRecordSet, 'rules' | 'views'>;

export const PICKS: readonly PickKind[] = ['weighted', 'round_robin', 'ordered', 'affinity'];

const ADDRESSES = {
  A: ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.3'],
  AAAA: ['2001:db8::1', '2001:db8::2', '2001:db8::1'],
} as const;

/** A type, and a set of it; `target`: host names with the final dot. */
export function steeredField(
  target: fc.Arbitrary<string>,
  picks: readonly PickKind[],
): fc.Arbitrary<readonly [SteeredType, SteeredRecordSet]> {
  return fc
    .constantFrom<SteeredType>('A', 'A', 'A', 'AAAA', 'CNAME')
    .chain((type) => fc.tuple(fc.constant(type), steeredOf(type, target, picks)));
}

function steeredOf(
  type: SteeredType,
  target: fc.Arbitrary<string>,
  picks: readonly PickKind[],
): fc.Arbitrary<SteeredRecordSet> {
  const groups = fc.array(groupOf(type, target, picks), { minLength: 2, maxLength: 3 });
  return groups.chain((made) =>
    fc
      .record({
        choice: choiceOf(made.length),
        ttl: fc.constantFrom(0, 20, 90),
        seed: fc.option(fc.constantFrom('a.test', 'elsewhere'), { nil: undefined }),
        shape: fc.constantFrom('all', 'places', 'systems', 'views'),
      })
      .map(({ choice, ttl, seed, shape }) => ({
        ...steeredSet(made, { ttl, ...shapes(made.length)[shape] }),
        branches: [...made.map((_, index) => ({ group: index })), choice],
        ...(seed !== undefined && { seed }),
      })),
  );
}

function groupOf(
  type: SteeredType,
  target: fc.Arbitrary<string>,
  picks: readonly PickKind[],
): fc.Arbitrary<Group> {
  const groupType = fc.oneof(
    { arbitrary: fc.constant(type), weight: 5 },
    { arbitrary: fc.constant<SteeredType>('CNAME'), weight: 1 },
  );
  const more = fc.record({
    pick: fc.constantFrom(...picks),
    select: fc.constantFrom(1, 2, 3),
    standing: fc.oneof(
      { arbitrary: fc.constant('healthy' as const), weight: 6 },
      { arbitrary: fc.constantFrom('fail_open' as const, 'servfail' as const), weight: 1 },
    ),
    weights: fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
    bits: fc.option(fc.constantFrom({ v4: 16, v6: 40 }, { v4: 24, v6: 56 }), { nil: undefined }),
  });
  return fc.tuple(groupType, more).chain(([each, { weights, bits, ...rest }]) => {
    const rdatas =
      each === 'CNAME'
        ? fc.array(target, { maxLength: 2 })
        : fc.subarray([...ADDRESSES[each]], { minLength: 0 });
    return rdatas.map((texts) => {
      const made = group(each, rest.standing === 'servfail' ? [] : texts, rest);
      const answers = made.answers.map((answer, i) => ({ ...answer, weight: weights[i]! }));
      return { ...made, answers, ...(rest.pick === 'affinity' && bits !== undefined && { bits }) };
    });
  });
}

/** A branch behind those of the groups, that chooses from two of them. */
function choiceOf(groups: number): fc.Arbitrary<Branch> {
  const last = groups - 1;
  return fc.constantFrom<Branch>(
    { group: last },
    {
      weighted: [
        { branch: 0, weight: 3, key: 'first' },
        { branch: last, weight: 1, key: 'last' },
      ],
    },
    {
      nearest: [
        { branch: 0, at: [[40.7, -74]], stretch: 1 },
        { branch: last, at: [[52.5, 13.4]], stretch: 1.5 },
      ],
    },
    {
      fastest: [
        { branch: 0, targets: [{ target: 'target-0', at: [40.7, -74] }] },
        { branch: last, targets: [{ target: 'target-1' }] },
      ],
      slackMs: 5,
      slackShare: 0,
    },
  );
}

/** Rules; the last branch is the choice. */
function shapes(last: number): Record<'all' | 'places' | 'systems' | 'views', Rules> {
  const subnets = { when: [{ subnets: ['10.0.0.0/8', '2001:db8:1::/48'] }], branch: 1 };
  const europe = { when: [{ geos: ['EU'] }], branch: 0 };
  return {
    all: { rules: [{ branch: last }] },
    places: { rules: [subnets, europe, { branch: last }] },
    systems: { rules: [{ when: [{ asns: [64_500] }], branch: 1 }, europe, { branch: last }] },
    views: {
      rules: [subnets, { branch: last }],
      views: [{ vantage: 'london', near: ['EU-GB'], rules: [{ branch: 1 }] }],
    },
  };
}
