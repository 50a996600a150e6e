/** Random record sets for property tests: trees of branches, groups that pick in every way, views of vantages. */
import type {
  AnswerGroup,
  Branch,
  SteeredRecordSet,
  SteeringCondition,
} from '@signpost/contracts/record-set';
import * as fc from 'fast-check';

import { ASNS, GEOS, POINTS, SUBNETS } from './arbitrary-client.ts';

/** Of groups; those of one set share them. */
export const SET_TARGETS = ['t0', 't1', 't2', 't3', 't4', 't5'];

export const arbitraryWeight = fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 0, max: 9 }));

export const someOf = <Value>(values: readonly Value[]) =>
  fc
    .subarray([...values], { minLength: 1 })
    .chain((some) => fc.shuffledSubarray(some, { minLength: some.length }));

const condition: fc.Arbitrary<SteeringCondition> = fc
  .record(
    { subnets: someOf(SUBNETS), geos: someOf(GEOS), butNotIn: someOf(GEOS), asns: someOf(ASNS) },
    { requiredKeys: [] },
  )
  .map(({ butNotIn, ...rest }) => ({ ...rest, ...(rest.geos && butNotIn && { butNotIn }) }));

/** Rules of a set with so many branches; the last for everybody. */
const rulesTo = (branches: number) =>
  fc
    .tuple(
      fc.array(
        fc.record(
          { when: fc.array(condition, { minLength: 1, maxLength: 2 }), branch: fc.nat(branches - 1) },
          { requiredKeys: ['branch'] },
        ),
        { maxLength: 4 },
      ),
      fc.nat(branches - 1),
    )
    .map(([rules, branch]) => [...rules, { branch }]);

const viewsTo = (branches: number) =>
  fc.array(
    fc
      .record({ near: someOf(GEOS), rules: fc.option(rulesTo(branches), { nil: undefined }) })
      .map(({ near, rules }) => ({ vantage: 'v', near, ...(rules !== undefined && { rules }) })),
    { minLength: 1, maxLength: 3 },
  );

/** The entry of so many before it. */
function branchAt(index: number, groups: number): fc.Arbitrary<Branch> {
  const leaf = fc.record({ group: fc.nat(groups - 1) });
  if (index === 0) return leaf;
  const branch = fc.nat(index - 1);
  const point = fc.constantFrom(...POINTS);
  const weighted = fc.record({ branch, weight: arbitraryWeight, key: fc.constantFrom('a', 'b', 'c', 't0') });
  const nearest = fc.record({
    branch,
    at: fc.array(point, { maxLength: 3 }),
    stretch: fc.constantFrom(0.5, 1, 2),
  });
  const target = fc.record(
    { target: fc.constantFrom(...SET_TARGETS), at: point },
    { requiredKeys: ['target'] },
  );
  const fastest = fc.record({ branch, targets: fc.array(target, { minLength: 1, maxLength: 3 }) });
  const several = { minLength: 1, maxLength: 3 };
  return fc.oneof(
    leaf,
    fc.record({ weighted: fc.uniqueArray(weighted, { ...several, selector: ({ key }) => key }) }),
    fc.record({ nearest: fc.array(nearest, several) }),
    fc.record({
      fastest: fc.array(fastest, several),
      slackMs: fc.constantFrom(0, 10),
      slackShare: fc.constantFrom(0, 0.2),
    }),
  );
}

const answers: fc.Arbitrary<AnswerGroup['answers']> = fc
  .array(
    fc.record(
      { weight: arbitraryWeight, keep: fc.constantFrom(0, 0.3, 0.8, 1) },
      { requiredKeys: ['weight'] },
    ),
    { maxLength: SET_TARGETS.length },
  )
  .map((drawn) =>
    drawn.map((own, index) => ({ rdata: `192.0.2.${index}`, target: SET_TARGETS[index]!, ...own })),
  );

const group: fc.Arbitrary<AnswerGroup> = fc
  .record({
    pick: fc.constantFrom(
      'weighted' as const,
      'round_robin' as const,
      'ordered' as const,
      'affinity' as const,
    ),
    bits: fc.record({ v4: fc.constantFrom(16, 22, 24, 32), v6: fc.constantFrom(48, 56, 61) }),
    select: fc.integer({ min: 1, max: 5 }),
    answers,
  })
  .map(({ bits, ...own }) => ({
    ...own,
    ...(own.pick === 'affinity' && { bits }),
    pool: 'pool',
    type: 'A',
    standing: 'healthy',
  }));

export const arbitrarySet: fc.Arbitrary<SteeredRecordSet> = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 }))
  .chain(([branches, groups]) =>
    fc.record({
      rules: rulesTo(branches),
      views: fc.option(viewsTo(branches), { nil: undefined }),
      branches: fc.tuple(...Array.from({ length: branches }, (_, index) => branchAt(index, groups))),
      groups: fc.array(group, { minLength: groups, maxLength: groups }),
    }),
  )
  .map(({ views, ...set }) => ({
    kind: 'steered',
    ttl: 30,
    policy: 'p',
    ...set,
    ...(views !== undefined && { views }),
  }));
