import assert from 'node:assert/strict';
import { test } from 'node:test';

import { exampleConfiguration } from '../testing/example-configuration.ts';
import { INITIAL_STATE } from '../reconcile/controller-state.ts';
import { buildTopology } from '../topology/topology.ts';
import { statusOf } from './status.ts';

const FACTS = { leader: true, messagingConnected: true, storeConnected: true, monotonicMs: 0, wallMs: 0 };

test('the members of each pool are looked through once, however many targets there are', () => {
  const configuration = exampleConfiguration();
  let looks = 0;
  const pools = Object.fromEntries(
    Object.entries(configuration.pools).map(([name, { members, ...pool }]) => [
      name,
      {
        ...pool,
        get members() {
          looks += 1;
          return members;
        },
      },
    ]),
  );
  const topology = { ...buildTopology(configuration), configuration: { ...configuration, pools } };
  const applied = { revision: 1, hash: '', atMs: 0, fileHash: undefined, written: {}, topology };
  const { targets } = statusOf({ ...INITIAL_STATE, configuration: applied }, FACTS);
  assert.deepEqual(
    targets.map((shown) => [shown.target, shown.pools]),
    [
      ['eu-a', ['eu']],
      ['eu-b', ['eu']],
      ['us-a', ['us']],
      ['static-a', ['spare']],
    ],
  );
  assert.equal(looks, Object.keys(pools).length);
});
