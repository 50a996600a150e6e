import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';

import type { Generation } from '@signpost/contracts/brands';
import { encodeEvent } from '@signpost/contracts/cloud-event';
import { guardHeld } from '@signpost/contracts/guard';
import { overrideChanged } from '@signpost/contracts/override';
import { recordsChanged } from '@signpost/contracts/publication';
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import { vantageChanged } from '@signpost/contracts/vantage-standing';
import { healthChanged } from '@signpost/contracts/verdict';

import { drawEvent } from './event-line.ts';

const fields = { id: '1', source: '/c', subject: 's', atMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678) };
const draw = (octets: Uint8Array): string =>
  stripVTControlCharacters(drawEvent(new TextDecoder().decode(octets)));

test('a health event says which target, from what to what, and why', () => {
  const data = {
    monitor: 'web',
    target: 'eu-a',
    from: { state: 'up' as const, families: {}, sinceMs: 1 },
    to: { state: 'down' as const, families: {}, sinceMs: 2 },
    reason: 'connection refused',
    evidence: [],
  };
  assert.equal(
    draw(encodeEvent(healthChanged, { ...fields, data })),
    '03:04:05.678  health   web/eu-a  up -> down  connection refused',
  );
});

test('an override event says which target, from what to what, until when, who and why', () => {
  const override = {
    id: 'x',
    match: 'eu-*',
    set: 'drain' as const,
    by: 'ops',
    reason: 'kernel',
    source: 'human' as const,
    sinceMs: 0,
    untilMs: Date.UTC(2026, 11, 1, 6),
  };
  const began = {
    target: 'eu-a',
    change: 'began' as const,
    inForce: override,
    previous: null,
    by: 'ops',
    reason: 'kernel',
    untilMs: override.untilMs,
  };
  assert.equal(
    draw(encodeEvent(overrideChanged, { ...fields, data: began })),
    '03:04:05.678  override  eu-a  obey -> drain until 2026-12-01T06:00:00Z  began by ops: kernel',
  );
  const lifted = { ...began, change: 'lifted' as const, inForce: null, previous: override, untilMs: null };
  assert.equal(
    draw(encodeEvent(overrideChanged, { ...fields, data: { ...lifted, reason: 'done' } })),
    '03:04:05.678  override  eu-a  drain -> obey  lifted by ops: done',
  );
});

test('a vantage event says how it stands now, and why', () => {
  const evidence = { probers: 1, targets: 6, failing: 6, contradicted: 6, frozen: 0 };
  const from = { state: 'voting' as const, sinceMs: 1 };
  const to = { state: 'quarantined' as const, sinceMs: 2 };
  const data = { vantage: 'ap', from, to, reason: 'it sees 6 of 6 targets fail', evidence };
  assert.equal(
    draw(encodeEvent(vantageChanged, { ...fields, data })),
    '03:04:05.678  vantage  ap  voting -> quarantined  it sees 6 of 6 targets fail',
  );
});

const steered = (target: string): SteeredRecordSet => ({
  kind: 'steered',
  ttl: 30,
  policy: 'p',
  rules: [{ branch: 0 }],
  branches: [{ group: 0 }],
  groups: [
    {
      pool: 'eu',
      type: 'A',
      pick: 'weighted',
      select: 1,
      standing: 'healthy',
      answers: [{ rdata: '192.0.2.1', target, weight: 1 }],
    },
  ],
});

test('a record event says which targets left and which came', () => {
  const data = {
    zone: 'example.net',
    base: 1 as Generation,
    generation: 2 as Generation,
    why: ['health web/eu-a: up -> down'],
    changes: [
      { owner: 'dr.example.net', type: 'A', before: steered('eu-a'), after: steered('us-a') },
      { owner: 'go.example.net', type: 'A', before: steered('eu-a'), after: steered('us-a') },
      { owner: 'go.example.net', type: 'AAAA', before: steered('eu-a'), after: steered('us-a') },
      {
        owner: 'example.net',
        type: 'MX',
        before: null,
        after: { kind: 'static' as const, ttl: 5, rdata: ['x'] },
      },
    ],
  };
  assert.equal(
    draw(encodeEvent(recordsChanged, { ...fields, data })),
    '03:04:05.678  records  example.net generation 2: dr go -eu-a +us-a, @ new (health web/eu-a: up -> down)',
  );
});

test('an owner whose types changed otherwise is told by type, and what is finer than targets has a name', () => {
  const one = steered('eu-a');
  const weighed = {
    ...one,
    groups: one.groups.map((group) => ({
      ...group,
      answers: group.answers.map((answer) => ({ ...answer, weight: 2 })),
    })),
  };
  const open = {
    ...one,
    ttl: 10,
    groups: one.groups.map((group) => ({ ...group, standing: 'fail_open' as const })),
  };
  const data = {
    zone: 'example.net',
    base: 1 as Generation,
    generation: 2 as Generation,
    why: [],
    changes: [
      { owner: 'www.example.net', type: 'A', before: steered('fra-1'), after: steered('us-a') },
      { owner: 'www.example.net', type: 'AAAA', before: one, after: weighed },
      { owner: 'go.example.net', type: 'A', before: one, after: open },
    ],
  };
  assert.equal(
    draw(encodeEvent(recordsChanged, { ...fields, data })),
    '03:04:05.678  records  example.net generation 2: www A -fra-1 +us-a, www AAAA weights, go ttl 30 -> 10 and now fail_open',
  );
});

test('a guard event says what is held, how much it is, and how to let it pass; then who did', () => {
  const held = {
    id: 'global-r7',
    policy: 'global',
    cause: 'configuration' as const,
    targets: ['eu-a'],
    targetCount: 1,
    removed: 0.784,
    limit: 0.4,
    why: 'too much',
    sinceMs: 1,
    approve: 'signpost approve global-r7',
    state: 'held' as const,
    reason: 'too much',
  };
  const share = '78.4 % of global by configuration';
  assert.equal(
    draw(encodeEvent(guardHeld, { ...fields, data: held })),
    `03:04:05.678  guard    global-r7  held  ${share}: too much; signpost approve global-r7`,
  );
  const lifted = { ...held, state: 'lifted' as const, by: 'ops', reason: 'sold' };
  assert.equal(
    draw(encodeEvent(guardHeld, { ...fields, data: lifted })),
    `03:04:05.678  guard    global-r7  lifted  ${share}: ops, sold`,
  );
});
