import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Assignment } from '@signpost/contracts/probe-assignment';

import { JudgedPairs } from './judged-pairs.ts';

const pass = { kind: 'pass', roundTripMs: 5, phases: {} } as const;
const fail = { kind: 'fail', reason: 'connection refused' } as const;

/** A probe that began and ended at this second. */
const at = (second: number) => ({ startedMs: second, nowMs: second });

function assignment(target: string, families: ('ipv4' | 'ipv6')[] = ['ipv4', 'ipv6']): Assignment {
  return {
    monitor: 'site',
    target,
    probe: { type: 'tcp' },
    checks: families.map((family) => ({ families: [family], address: '192.0.2.1', port: 80 })),
    intervalMs: 1_000,
    timeoutMs: 500,
    rise: 1,
    fall: 1,
    phase: 0,
  };
}

describe('JudgedPairs', () => {
  test('says nothing of a pair before its first result', () => {
    const pairs = new JudgedPairs();
    pairs.assign([assignment('a')], 1);
    assert.equal(pairs.view('site.a'), undefined);
  });

  test('judges the families apart', () => {
    const pairs = new JudgedPairs();
    pairs.assign([assignment('a')], 1);
    pairs.record('site.a', ['ipv4'], pass, at(2));
    pairs.record('site.a', ['ipv6'], fail, at(3));
    assert.deepEqual(pairs.view('site.a')?.families, {
      ipv4: { state: 'up', sinceMs: 2, reason: 'probe passed', roundTripMs: 5 },
      ipv6: { state: 'down', sinceMs: 3, reason: 'connection refused' },
    });
  });

  test('tells a warning of a certificate once, keeps it through failures and drops it when it is over', () => {
    const pairs = new JudgedPairs();
    pairs.assign([assignment('a', ['ipv4'])], 1);
    const record = (result: Parameters<JudgedPairs['record']>[2]) =>
      pairs.record('site.a', ['ipv4'], result, at(2)).length;
    const near = { ...pass, certificate: { expiresMs: 9_000, warning: 'certificate expires on 1970-01-01' } };
    assert.equal(record({ ...pass, certificate: { expiresMs: 9_000 } }), 1);
    assert.equal(record(near), 1);
    assert.equal(record(near), 0);
    assert.equal(pairs.view('site.a')?.families.ipv4?.warning, 'certificate expires on 1970-01-01');
    assert.equal(record(fail), 1);
    assert.equal(pairs.view('site.a')?.families.ipv4?.warning, 'certificate expires on 1970-01-01');
    assert.deepEqual([...pairs.certificateExpiries()], [{ monitor: 'site', target: 'a', expiresMs: 9_000 }]);
    assert.equal(record({ ...pass, certificate: { expiresMs: 99_000 } }), 1);
    assert.equal(pairs.view('site.a')?.families.ipv4?.warning, undefined);
  });

  test('says that it cannot probe, and why, as a state that is not known', () => {
    const pairs = new JudgedPairs();
    pairs.assign([assignment('a', ['ipv4'])], 1);
    const unable = { kind: 'unable', reason: 'install iputils-ping' } as const;
    const told = { state: 'unknown', reason: 'install iputils-ping' } as const;
    assert.equal(pairs.record('site.a', ['ipv4'], unable, at(2)).length, 1);
    assert.deepEqual(pairs.view('site.a')?.families.ipv4, { ...told, sinceMs: 2 });
    assert.equal(pairs.record('site.a', ['ipv4'], unable, at(3)).length, 0);
    // What an able prober saw once counts no more; and being able again is no flip.
    assert.equal(pairs.record('site.a', ['ipv4'], fail, at(4)).length, 1);
    assert.equal(pairs.record('site.a', ['ipv4'], unable, at(5)).length, 1);
    assert.deepEqual(pairs.view('site.a')?.families.ipv4, { ...told, sinceMs: 5 });
    pairs.record('site.a', ['ipv4'], pass, at(6));
    assert.deepEqual([pairs.view('site.a')?.families.ipv4?.state, pairs.view('site.a')?.flips], ['up', 0]);
  });

  test('returns the transitions of a result that speaks for both families, and none when nothing changed', () => {
    const pairs = new JudgedPairs();
    pairs.assign([assignment('a')], 1);
    const changes = pairs.record('site.a', ['ipv4', 'ipv6'], pass, at(2));
    assert.deepEqual(
      changes.map(({ family, after }) => [family, after.state]),
      [
        ['ipv4', 'up'],
        ['ipv6', 'up'],
      ],
    );
    assert.deepEqual(pairs.record('site.a', ['ipv4', 'ipv6'], pass, at(3)), []);
  });

  test('keeps what it knows of pairs that stay and forgets those that go', () => {
    const pairs = new JudgedPairs();
    pairs.assign([assignment('a'), assignment('b')], 1);
    pairs.record('site.a', ['ipv4'], fail, at(2));
    pairs.record('site.b', ['ipv4'], fail, at(2));
    assert.deepEqual(pairs.assign([{ ...assignment('a'), fall: 3 }], 5), ['site.b']);
    assert.equal(pairs.view('site.a')?.families.ipv4?.sinceMs, 2);
    assert.equal(pairs.view('site.b'), undefined);
    assert.deepEqual(pairs.record('site.b', ['ipv4'], pass, at(6)), []);
  });

  test('never counts flips backwards, also when a family is no longer asked', () => {
    const pairs = new JudgedPairs();
    pairs.assign([assignment('a')], 1);
    pairs.record('site.a', ['ipv4'], pass, at(2));
    for (const result of [pass, fail, pass]) pairs.record('site.a', ['ipv6'], result, at(3));
    assert.equal(pairs.view('site.a')?.flips, 2);
    pairs.assign([assignment('a', ['ipv4'])], 4);
    assert.equal(pairs.view('site.a')?.flips, 2);
    assert.equal(pairs.view('site.a')?.families.ipv6, undefined);
  });

  test('says how many failures are missing until down, and what is settled', () => {
    const pairs = new JudgedPairs();
    pairs.assign([{ ...assignment('a'), fall: 3 }], 1);
    assert.equal(pairs.isSettled('site.a', ['ipv4']), false);
    pairs.record('site.a', ['ipv4', 'ipv6'], pass, at(2));
    assert.deepEqual(
      [pairs.failuresMissing('site.a', ['ipv4']), pairs.isSettled('site.a', ['ipv4'])],
      [3, true],
    );
    pairs.record('site.a', ['ipv4'], fail, at(3));
    assert.deepEqual(
      [pairs.failuresMissing('site.a', ['ipv4']), pairs.isSettled('site.a', ['ipv4'])],
      [2, false],
    );
    assert.equal(pairs.failuresMissing('site.a', ['ipv4', 'ipv6']), 3);
    for (const second of [4, 5]) pairs.record('site.a', ['ipv4'], fail, at(second));
    assert.deepEqual(
      [pairs.failuresMissing('site.a', ['ipv4']), pairs.isSettled('site.a', ['ipv4'])],
      [0, true],
    );
    assert.equal(pairs.failuresMissing('site.b', ['ipv4']), 0);
  });

  test('tells of each pair whether its last probes passed, also while that changes no state', () => {
    const pairs = new JudgedPairs();
    pairs.assign([{ ...assignment('a'), rise: 5 }, assignment('b')], 1);
    pairs.record('site.a', ['ipv4'], fail, at(2));
    assert.deepEqual([...pairs.lastResults()], [{ monitor: 'site', target: 'a', passed: false }]);
    pairs.record('site.a', ['ipv4', 'ipv6'], pass, at(3));
    assert.deepEqual([...pairs.lastResults()], [{ monitor: 'site', target: 'a', passed: true }]);
  });
});
