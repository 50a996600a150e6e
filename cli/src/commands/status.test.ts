import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';

import type { Status } from '@signpost/contracts/status';

import { drawStatus } from './status.ts';

type Evidence = Status['targets'][number]['evidence'][number];

const TARGET = { monitor: 'web', addresses: ['192.0.2.1'], pools: ['eu'], sinceMs: 0, evidence: [] };
const PROBER = { fresh: true, heartbeatAgeMs: 500, reports: 3 };

const STATUS: Status = {
  controller: {
    leader: true,
    converged: true,
    generation: 7,
    messagingConnected: true,
    storeConnected: true,
  },
  targets: [
    { ...TARGET, target: 'a', state: 'up', frozen: true, reason: 'too few votes' },
    { ...TARGET, target: 'b', state: 'down', frozen: false, dampedUntilMs: 9, reason: 'damped until' },
    { ...TARGET, target: 'c', state: 'up', frozen: false, reason: 'fine' },
  ],
  vantages: [
    {
      vantage: 'ap',
      state: 'quarantined',
      sinceMs: 0,
      reason: 'it sees 6 of 6 targets fail',
      probers: [
        { prober: 'p1', ...PROBER },
        { prober: 'p2', ...PROBER },
      ],
    },
    { vantage: 'eu', state: 'silent', reason: 'no prober of it was heard yet', probers: [] },
  ],
  loads: [
    {
      pool: 'west',
      feed: 'fresh',
      reason: '',
      load: 7_012.5,
      soft: 6_000,
      hard: 8_000,
      keep: 0.8,
      room: { us: 0.7, ap: 0.3 },
      spill: { us: 1 },
    },
    { pool: 'east', feed: 'frozen', reason: 'no load of us-a', soft: 1, hard: 2, keep: 1 },
  ],
  authorities: [],
  hosts: [],
  zones: [],
  planned: [],
  guards: [],
  unhealthy: [],
};

test('status shows what is frozen or damped, and which vantage is not believed', () => {
  const lines = drawStatus(STATUS, 60_000).map(stripVTControlCharacters);
  const row = (start: string) =>
    lines.filter((line) => line.startsWith(start)).map((line) => line.split(/ {2,}/));
  assert.deepEqual(
    ['a ', 'b ', 'c '].map((start) => row(start)[0]!.slice(6)),
    [['frozen', 'too few votes'], ['damped', 'damped until'], ['fine']],
  );
  assert.deepEqual(row('ap '), [
    ['ap', 'quarantined', '60 s', 'p1', 'fresh', '1 s', '3', 'it sees 6 of 6 targets fail'],
    ['ap', 'quarantined', '60 s', 'p2', 'fresh', '1 s', '3'],
  ]);
  assert.deepEqual(row('eu '), [['eu', 'silent', 'no prober', 'no prober of it was heard yet']]);
});

function statusWith(evidence: Evidence[]): Status {
  const target = { ...TARGET, target: 'eu-a', frozen: false, evidence };
  const reason = 'up by 2 of 3 vantages';
  return { ...STATUS, targets: [{ ...target, state: 'up', reason }], vantages: [] };
}

function sayingOf(vantage: string, families: Evidence['families']): Evidence {
  return { vantage, prober: `p-${vantage}`, families, fresh: true };
}

test('warnings and what keeps a prober from probing stand beside the reason, each once with who says it', () => {
  const up = {
    state: 'up',
    sinceMs: 1,
    reason: 'probe passed',
    warning: 'certificate expires on 2026-12-24',
  } as const;
  const unable = { state: 'unknown', sinceMs: 1, reason: 'install iputils-ping' } as const;
  const lines = drawStatus(
    statusWith([
      sayingOf('eu', { ipv4: up, ipv6: up }),
      sayingOf('us', { ipv4: up }),
      sayingOf('ap', { ipv4: unable }),
    ]),
    2,
  );
  const line = lines.find((text) => text.includes('eu-a'))!;
  assert.match(
    line,
    /up by 2 of 3 vantages; warning: certificate expires on 2026-12-24 \(eu, us\); install iputils-ping \(ap\)$/,
  );
});

test('a healthy target has its reason alone', () => {
  const passed = { state: 'up', sinceMs: 1, reason: 'probe passed' } as const;
  const lines = drawStatus(statusWith([sayingOf('eu', { ipv4: passed })]), 2);
  assert.match(
    lines.find((text) => text.includes('eu-a'))!,
    /up by 2 of 3 vantages$/,
  );
});

test('status shows what pools carry, whom they keep and where the others go', () => {
  const lines = drawStatus(STATUS, 60_000).map(stripVTControlCharacters);
  const from = lines.findIndex((line) => line.startsWith('POOL'));
  assert.deepEqual(
    lines.slice(from + 1, from + 3).map((line) => line.trim().split(/ {2,}/)),
    [
      ['west', '7012.5', '6000', '8000', '80 %', 'fresh', 'us 70 %, ap 30 %', 'us 100 %'],
      ['east', '-', '1', '2', '100 %', 'frozen', '-', '-', 'no load of us-a'],
    ],
  );
});

test('status says in words which names are answered though no pool of their rule is healthy', () => {
  const rule = { policy: 'web', rule: 0, names: ['www.example.net'], nameCount: 1 };
  const unhealthy = [
    { ...rule, standing: 'fail_open' as const, targets: ['fra-1'] },
    { ...rule, rule: 1, standing: 'servfail' as const, targets: [], nameCount: 9 },
  ];
  const lines = drawStatus({ ...STATUS, unhealthy }, 60_000).map(stripVTControlCharacters);
  assert.deepEqual(lines.slice(1, 3), [
    'unhealthy  www.example.net (rule 1 of policy web): no pool is healthy now, so fail_open: answered with fra-1',
    'unhealthy  www.example.net and 8 more (rule 2 of policy web): no pool is healthy now, so SERVFAIL',
  ]);
});

test('an authority on its way to the newest generation is no alarm: status says what the controller found', () => {
  const beat = { incarnation: 1, sequence: 1, ready: true, storeConnected: true, listens: ['127.0.0.1:53'] };
  const authority = { ...beat, generation: 6, lastAnswers: [], lastAnswersCut: false, heartbeatAgeMs: 900 };
  const lines = drawStatus(
    { ...STATUS, authorities: [{ ...authority, node: 'n1', progress: 'applying' }] },
    60_000,
  ).map(stripVTControlCharacters);
  assert.deepEqual(lines.find((line) => line.startsWith('n1 '))!.split(/ {2,}/), [
    'n1',
    'ready',
    '6',
    'applying',
    'connected',
    '127.0.0.1:53',
  ]);
});

test('a Redis that is away, and one that refuses what is written, are told with the reason', () => {
  const headOf = (controller: Partial<Status['controller']>) => {
    const [head] = drawStatus({ ...STATUS, controller: { ...STATUS.controller, ...controller } }, 0);
    return stripVTControlCharacters(head!);
  };
  assert.match(headOf({ storeConnected: false }), /, Redis is away$/);
  const storeProblem = 'tick: OOM command not allowed';
  assert.match(headOf({ storeProblem }), /, Redis takes no changes \(tick: OOM command not allowed\)$/);
  assert.match(headOf({ storeConnected: false, storeProblem: 'x' }), /, Redis is away \(x\)$/);
  assert.doesNotMatch(headOf({}), /Redis/);
});
