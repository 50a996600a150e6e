import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { reportDigest } from './heartbeats.ts';

const report = fc.record({
  monitor: fc.stringMatching(/^[a-z]{1,8}$/),
  target: fc.stringMatching(/^[a-z]{1,8}$/),
  sequence: fc.nat(),
});

test('the digest does not depend on the order of the reports', () => {
  fc.assert(
    fc.property(fc.array(report), (reports) => {
      assert.equal(reportDigest(reports), reportDigest(reports.toReversed()));
    }),
  );
});

test('the digest tells a missing report and an older one', () => {
  fc.assert(
    fc.property(fc.array(report), report, (reports, extra) => {
      assert.notEqual(reportDigest([...reports, extra]), reportDigest(reports));
      assert.notEqual(
        reportDigest([...reports, extra]),
        reportDigest([...reports, { ...extra, sequence: extra.sequence + 1 }]),
      );
    }),
  );
});
