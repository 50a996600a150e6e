/**
 * Dynamic records of one owner as policies: rules as rules, pools as pools, the fallback of a pool as the next to try,
 * the record's own values as the last resort. A and AAAA that coincide share all of it.
 */
import { nounBase } from '../canonical-names.ts';
import { canonicalRdata } from '../static-values.ts';
import { addStaticRecord } from './static-records.ts';
import { addPools, addressOf, addTarget, type Families } from './dynamic-pools.ts';
import { rulesOf } from './dynamic-rules.ts';
import { type OctodnsEntry, type OctodnsZone, writtenValues } from './octodns-entry.ts';
import { monitorOf } from './record-monitor.ts';
import { toAsciiHost } from './ascii-names.ts';

const STEERED = ['A', 'AAAA', 'CNAME'] as const;

export function addDynamicRecords(entries: readonly OctodnsEntry[], zone: OctodnsZone): void {
  const families = entries
    .filter(({ record: { type } }) => type === 'A' || type === 'AAAA')
    .toSorted((a, b) => a.record.type.length - b.record.type.length);
  const together = families.length === 2 && structureOf(families[0]!) === structureOf(families[1]!);
  if (together) addDynamic(families, '', zone);
  for (const entry of entries) {
    if (together && families.includes(entry)) continue;
    if ((STEERED as readonly string[]).includes(entry.record.type)) {
      addDynamic([entry], families.length === 2 ? `-${entry.record.type}` : '', zone);
    } else {
      const { type, dynamic } = entry.record;
      zone.remarks.lost(
        entry.placeOf('dynamic'),
        `${type} records are not steered here, and get their own values`,
        dynamic,
      );
      addStaticRecord(entry, zone);
    }
  }
}

function addDynamic(entries: readonly OctodnsEntry[], suffix: string, zone: OctodnsZone): void {
  const [first] = entries;
  const { record, placeOf, owner } = first!;
  const base = `${nounBase(owner, zone.draft.apex)}${suffix}`;
  const monitor = monitorOf(first!, base, zone);
  const families: Families = { base, monitor, entries };
  const names = addPools(families, zone);
  const lastResort = lastResortOf(families, zone);
  const rules = rulesOf(first!, names, lastResort, zone.remarks);
  if (rules === undefined) return;
  const fallback = lastResort === undefined ? {} : ({ all_down: 'fallback', fallback: lastResort } as const);
  const policy = zone.nouns.add('policies', base, { rules, ...fallback });
  if (entries.length > 1 && monitor !== undefined) {
    const message =
      'A and AAAA coincide and are steered together: a pool serves as long as one family of it is up';
    zone.remarks.changed(placeOf('dynamic'), message);
  }
  if (record.ttl === undefined) {
    zone.remarks.changed(placeOf(), 'it has no TTL, so it gets that of "defaults", which follows health');
  }
  const types = entries.map(({ record: { type } }) => type).filter((type) => type !== 'CNAME');
  const both = types.length !== 1;
  zone.draft.addSteered(
    owner,
    {
      steer: policy,
      ...(!both && { types: types as ('A' | 'AAAA')[] }),
      ...(record.ttl !== undefined && { ttl: record.ttl }),
    },
    placeOf(),
  );
}

/** The values of the record itself, which nothing checks. Undefined: it has none. */
function lastResortOf({ base, entries }: Families, zone: OctodnsZone): string | undefined {
  const written = entries.map((entry) => ({ entry, values: goodValues(entry, zone) }));
  const count = Math.max(...written.map(({ values }) => values.length));
  if (count === 0) return undefined;
  const members = Array.from({ length: count }, (_, index) => {
    const parts = written.map(({ entry, values }) => addressOf(entry.record.type, values[index]));
    return { target: addTarget(parts, {}, zone) };
  });
  const distinct = [...new Map(members.map((member) => [member.target, member])).values()];
  return zone.nouns.add('pools', `${base}-values`, { members: distinct });
}

function goodValues({ record, placeOf }: OctodnsEntry, zone: OctodnsZone): readonly string[] {
  return writtenValues(record).flatMap(({ value, path }) => {
    const { rdata, problem } = canonicalRdata(record.type, toAsciiHost(String(value)));
    if (problem !== undefined) zone.remarks.lost(placeOf(...path), problem);
    return rdata === undefined ? [] : [rdata];
  });
}

/** All of a record but its addresses: what must be equal for A and AAAA to be steered as one. */
function structureOf({ record }: OctodnsEntry): string {
  const { dynamic, ttl, octodns } = record;
  const pools = Object.entries(dynamic!.pools).map(([name, { fallback, values }]) => [
    name,
    fallback ?? null,
    values.map(({ weight = 1, status = 'obey' }) => [weight, status]),
  ]);
  return JSON.stringify([pools, dynamic!.rules, ttl ?? null, octodns ?? null, writtenValues(record).length]);
}
