/**
 * Nothing of a source is dropped silently: whatever value of the fixtures is altered or removed, the configuration is
 * another, or something else is said: in words, or by the place and the value there. Values that mean nothing to a name server are named here.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { scaled, showProgress } from '@signpost/testkit/test-scale';
import { parse, stringify } from 'yaml';

import type { Imported } from './finish-import.ts';
import { importOctodns } from './octodns/import-octodns.ts';
import { formatRemark } from './remark.ts';
import { importRoute53 } from './route53/import-route53.ts';
import { fixture } from './testing/ask-imported.ts';

type Path = readonly (string | number)[];

/** What is said and made, without the places, which move. */
function outcome(imported: Imported): string {
  if (!imported.ok) return imported.mistakes.map(({ path, message }) => `${path} ${message}`).join('\n');
  const said = imported.remarks.map((remark) =>
    formatRemark({ ...remark, place: { ...remark.place, line: 0, column: 0 } }),
  );
  return [imported.yaml, ...said, JSON.stringify(imported.remarks.map(({ value }) => value))].join('\n');
}

function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, each]) =>
    leavesOf(each, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function edited(value: unknown, [step, ...rest]: Path, edit: (leaf: unknown) => unknown): unknown {
  if (step === undefined) return edit(value);
  if (Array.isArray(value))
    return value.map((each, index) => (index === step ? edited(each, rest, edit) : each));
  const entries = Object.entries(value as object).map(([key, each]) => [
    key,
    key === step ? edited(each, rest, edit) : each,
  ]);
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
}

/** Of the same kind, and good as far as can be told: another address, one more, the other truth value. */
function altered(leaf: unknown): unknown {
  if (typeof leaf === 'boolean') return !leaf;
  if (typeof leaf === 'number') return leaf + 1;
  if (typeof leaf !== 'string') return 'x';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(leaf))
    return leaf.replace(/\d+$/, (octet) => String((Number(octet) + 100) % 256));
  if (/^[0-9a-f]*:[0-9a-f:]+$/.test(leaf)) return leaf.replace(/^2001/, '2002');
  if (/^-?\d+\.\d+$/.test(leaf)) return String(Number(leaf) / 2);
  return leaf.endsWith('.') ? `x${leaf}` : `${leaf}x`;
}

test('octoDNS: every value counts', () => {
  const file = fixture('shop.example.yaml');
  const source: unknown = parse(file.text, { merge: true });
  const run = (value: unknown): string =>
    outcome(importOctodns([{ name: file.name, text: stringify(value, { aliasDuplicateObjects: false }) }]));
  const before = run(source);
  for (const path of leavesOf(source)) {
    assert.notEqual(run(edited(source, path, altered)), before, `altered ${path.join('.')}`);
    if (typeof path.at(-1) === 'number') continue;
    // What is written out though it is what octoDNS takes without it.
    if (/flags$|protocol$/.test(String(path.at(-1)))) continue;
    assert.notEqual(run(edited(source, path, () => undefined)), before, `removed ${path.join('.')}`);
  }
});

const FILES = [
  'route53-records.json',
  'route53-health-checks.json',
  'route53-zone.json',
  'route53-blocks.json',
] as const;
const sources = FILES.map((name) => ({
  name,
  value: JSON.parse(fixture(name).text) as Record<string, unknown>,
}));

interface RecordSet {
  readonly Name: string;
  readonly AliasTarget?: { readonly DNSName: string };
}

/** Labels, counters, pages, and what Route 53 itself does not look at in such a record. */
const MEANS_NOTHING = [
  /SetIdentifier$/, // what no pool is called after
  /CallerReference$|HealthCheckVersion$|ResourceRecordSetCount$|^HostedZone\.Id$|^DelegationSet\./,
  /^MaxItems$|^IsTruncated$/,
  /AliasTarget\.HostedZoneId$|AliasTarget\.EvaluateTargetHealth$/, // of a simple alias, and of one within the zone
  /EnableSNI$/, // of a check without TLS
];

test('Route 53: every value counts', () => {
  const sets = sources[0]!.value['ResourceRecordSets'] as RecordSet[];
  const leaves = sources.flatMap(({ name, value }) => leavesOf(value).map((path) => ({ name, value, path })));
  const count = scaled({ slice: 100, full: leaves.length });
  const progress = showProgress('altered values of Route 53', count);
  for (let done = 0; done < count; done += 1) {
    progress(done);
    const { name, value, path } = leaves[Math.floor((done * leaves.length) / count)]!;
    const text = path.join('.');
    if (MEANS_NOTHING.some((pattern) => pattern.test(text))) continue;
    const parts = name === FILES[0] ? related(sets, sets[path[1] as number]!) : sets;
    const change = (edit: (leaf: unknown) => unknown): string => {
      const files = sources.map((other) => {
        const own = other.name === name ? edited(value, path, edit) : other.value;
        return {
          name: other.name,
          text: JSON.stringify(other.name === FILES[0] ? only(own, parts, sets) : own),
        };
      });
      return outcome(importRoute53(files));
    };
    assert.notEqual(
      change(altered),
      change((leaf) => leaf),
      `${name}: altered ${text}`,
    );
  }
});

test('Route 53: every record is in the configuration or in what is said', () => {
  const run = (left: readonly RecordSet[]): string =>
    outcome(
      importRoute53(
        sources.map(({ name, value }) => ({
          name,
          text: JSON.stringify(name === FILES[0] ? { ResourceRecordSets: left } : value),
        })),
      ),
    );
  const sets = sources[0]!.value['ResourceRecordSets'] as RecordSet[];
  const all = run(sets);
  for (const set of sets)
    assert.notEqual(run(sets.filter((other) => other !== set)), all, JSON.stringify(set));
});

/** The records of a name, those it is an alias of, and what makes a zone: so that an import is quick. */
function related(sets: readonly RecordSet[], changed: RecordSet): readonly RecordSet[] {
  const names = new Set(['travel.example.', changed.Name]);
  for (let size = 0; size !== names.size;) {
    size = names.size;
    for (const { Name, AliasTarget } of sets)
      if (names.has(Name) && AliasTarget) names.add(AliasTarget.DNSName);
  }
  return sets.filter(({ Name }) => names.has(Name));
}

/** `listing` may be edited, so records are known by where they stand. */
function only(listing: unknown, parts: readonly RecordSet[], sets: readonly RecordSet[]): object {
  const { ResourceRecordSets: own, ...rest } = listing as { ResourceRecordSets: RecordSet[] };
  return { ...rest, ResourceRecordSets: own.filter((_, index) => parts.includes(sets[index]!)) };
}
