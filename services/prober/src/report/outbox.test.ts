import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';

import { reportDigest } from '@signpost/contracts/heartbeats';
import type { HealthReport } from '@signpost/contracts/health-report';

import type { PairView } from '../judge/judged-pairs.ts';
import { Outbox } from './outbox.ts';

const identity = { vantage: 'eu', prober: 'p1', incarnation: 7 };

function view(target: string, state: 'up' | 'down', flips = 0): PairView {
  return { monitor: 'site', target, families: { ipv4: { state, sinceMs: flips, reason: 'why' } }, flips };
}

const short = (reports: readonly HealthReport[]) =>
  reports.map(({ target, sequence, families }) => `${target}${sequence} ${families.ipv4?.state}`);

describe('Outbox', () => {
  let views: Map<string, PairView>;
  let outbox: Outbox;

  beforeEach(() => {
    views = new Map([
      ['site.a', view('a', 'up')],
      ['site.b', view('b', 'up')],
    ]);
    outbox = new Outbox(identity, (pair) => views.get(pair));
  });

  const tell = (): HealthReport[] => {
    const told: HealthReport[] = [];
    for (let next = outbox.take(); next !== undefined; next = outbox.take()) {
      outbox.confirm(next);
      told.push(next);
    }
    return told;
  };

  test('numbers reports in the order in which they are told', () => {
    outbox.changed('site.b');
    outbox.changed('site.a');
    assert.deepEqual(short(tell()), ['b1 up', 'a2 up']);
  });

  test('tells a pair that changed several times once, as it is now', () => {
    outbox.changed('site.a');
    views.set('site.a', view('a', 'down', 1));
    outbox.changed('site.a');
    assert.deepEqual(short(tell()), ['a1 down']);
  });

  test('never has two reports of one pair under way', () => {
    outbox.changed('site.a');
    const first = outbox.take()!;
    views.set('site.a', view('a', 'down', 1));
    outbox.changed('site.a');
    assert.equal(outbox.take(), undefined);
    outbox.confirm(first);
    assert.deepEqual(short(tell()), ['a2 down']);
  });

  test('repeats an unconfirmed report under its own sequence while it is still true', () => {
    outbox.changed('site.a');
    outbox.fail(outbox.take()!);
    assert.deepEqual(short(tell()), ['a1 up']);
  });

  test('tells the newer state under a newer sequence when the unconfirmed one is no longer true', () => {
    outbox.changed('site.a');
    outbox.fail(outbox.take()!);
    views.set('site.a', view('a', 'down', 1));
    outbox.changed('site.a');
    assert.deepEqual(short(tell()), ['a2 down']);
  });

  test('tells a warning that came while the report before was unconfirmed', () => {
    outbox.changed('site.a');
    outbox.fail(outbox.take()!);
    const { families, ...rest } = view('a', 'up');
    const warning = 'certificate expires on 2030-01-01';
    views.set('site.a', { ...rest, families: { ipv4: { ...families.ipv4!, warning } } });
    outbox.changed('site.a');
    const told = tell();
    assert.deepEqual(short(told), ['a2 up']);
    assert.equal(told[0]!.families.ipv4?.warning, warning);
  });

  test('summarises what is stored, not what is under way', () => {
    outbox.changed('site.a');
    outbox.changed('site.b');
    const first = outbox.take()!;
    assert.deepEqual(outbox.summary(), { sequence: 0, reports: 0, digest: reportDigest([]) });
    outbox.confirm(first);
    assert.deepEqual(outbox.summary(), { sequence: 1, reports: 1, digest: reportDigest([first]) });
  });

  test('forgets a pair that is no longer ours, also one under way', () => {
    outbox.changed('site.a');
    outbox.changed('site.b');
    const reports = tell();
    outbox.changed('site.a');
    const under = outbox.take()!;
    outbox.removed('site.a');
    outbox.confirm(under);
    assert.deepEqual(outbox.summary(), { sequence: 2, reports: 1, digest: reportDigest([reports[1]!]) });
  });

  test('tells everything again under new sequences when asked to', () => {
    outbox.changed('site.a');
    outbox.changed('site.b');
    tell();
    assert.equal(outbox.resend(['site.a', 'site.b', 'site.unknown']), 2);
    assert.deepEqual(short(tell()), ['a3 up', 'b4 up']);
  });

  test('serves all who ask while a resend is under way with that one', () => {
    outbox.resend(['site.a', 'site.b']);
    const first = outbox.take()!;
    assert.equal(outbox.resend(['site.a', 'site.b']), 2);
    outbox.confirm(first);
    assert.deepEqual(short(tell()), ['b2 up']);
    outbox.resend(['site.a', 'site.b']);
    assert.deepEqual(short(tell()), ['a3 up', 'b4 up']);
  });

  test('uses a new sequence for a report that was under way, unconfirmed, when the resend was asked for', () => {
    outbox.changed('site.a');
    const under = outbox.take()!;
    outbox.resend(['site.a']);
    outbox.fail(under);
    assert.deepEqual(short(tell()), ['a2 up']);
  });
});
