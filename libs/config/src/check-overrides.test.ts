import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkConfiguration, formatMistake } from './check-configuration.ts';

const FRAME = `apiVersion: signpost/v1
targets: { eu-a: { a: 192.0.2.1, site: fra }, us-b: { a: 192.0.2.2 } }
pools: { eu: { members: [{ target: eu-a }] } }
`;

function mistakesOf(yaml: string): string[] {
  const checked = checkConfiguration(FRAME + yaml, 'f');
  return checked.ok ? [] : checked.mistakes.map(formatMistake);
}

test('windows and overrides are read, with times in milliseconds and drain as what a window does', () => {
  const checked = checkConfiguration(
    `${FRAME}maintenance:
  - { match: site/fra, from: 2026-12-01T06:00:00Z, for: 2h, by: ops, reason: kernel update }
  - { match: pool/eu, set: down, from: 2026-12-01T06:00:00+02:00, until: 2026-12-01T07:00:00+02:00, by: ops, reason: x }
overrides:
  - { match: "target/us-b", set: drain, by: ops@example.net, reason: kernel update, until: 2026-12-01T06:00:00Z }
`,
    'f',
  );
  assert.ok(checked.ok, checked.ok ? '' : checked.mistakes.map(formatMistake).join('\n'));
  const { maintenance, overrides } = checked.configuration;
  assert.deepEqual(
    maintenance.map(({ set, from, until, for: lasting }) => [set, from, until, lasting]),
    [
      ['drain', Date.UTC(2026, 11, 1, 6), undefined, 7_200_000],
      ['down', Date.UTC(2026, 11, 1, 4), Date.UTC(2026, 11, 1, 5), undefined],
    ],
  );
  assert.equal(overrides[0]!.until, Date.UTC(2026, 11, 1, 6));
});

test('all mistakes are told at once: matches that hit nothing, ends that are none, missing owners', () => {
  assert.deepEqual(
    mistakesOf(`maintenance:
  - { match: site/frq, from: 2026-12-01T06:00:00Z, for: 2h, by: ops, reason: x }
  - { match: eu-a, from: 2026-12-01T06:00:00Z, until: 2026-12-01T05:00:00Z, by: ops, reason: x }
  - { match: eu-a, from: 2026-12-01T06:00:00Z, by: ops, reason: x }
  - { match: eu-a, from: 2026-12-01T06:00:00Z, for: 1h, until: 2026-12-01T07:00:00Z, by: ops, reason: x }
  - { match: eu-a, set: up, from: yesterday, for: 1h, reason: x }
overrides:
  - { match: us-*, set: drain, by: ops, reason: x, until: 2026-12-01T06:00:00Z }
  - { match: eu-c, set: drain, by: ops, reason: x, until: 2026-12-01T06:00:00Z }
`),
    [
      'f:5:14 maintenance[0].match: "site/frq" matches no target; did you mean "fra"?',
      'f:6:55 maintenance[1].until: it ends before it begins; write a time after from',
      'f:7:5 maintenance[2]: it has no end; add until or for',
      'f:8:5 maintenance[3]: it has two ends; keep either until or for',
      'f:9:5 maintenance[4].by: missing; add by, a text',
      'f:9:25 maintenance[4].set: "up" is not allowed here; write "drain" or "down"',
      'f:9:35 maintenance[4].from: "yesterday" is not right: a time is written as 2026-12-01T06:00:00Z',
      'f:12:14 overrides[1].match: "eu-c" matches no target; did you mean "eu-a"?',
    ],
  );
});

test('a target that could not be read is not called missing', () => {
  const found = checkConfiguration(
    'apiVersion: signpost/v1\ntargets: { eu-a: { a: nonsense } }\nmaintenance: [{ match: eu-a, from: 2026-12-01T06:00:00Z, for: 2h, by: o, reason: x }]\n',
    'f',
  );
  assert.deepEqual(!found.ok && found.mistakes.map(({ path }) => path), ['targets.eu-a.a']);
});
