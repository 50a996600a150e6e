/**
 * For tests only: zones from short text, queries as octets, and one call that asks `answerQuery` and decodes what
 * comes with dns-packet, which shares no code with ours.
 */
import { parseRecordSetField } from '@signpost/contracts/keys';
import type { RecordSet, SteeredRecordSet, ZoneFacts } from '@signpost/contracts/record-set';
import { decodeAnswer, type DnsAnswer, type DnsQuestion, encodeQuery } from '@signpost/testkit/dns-client';

import { ImageSnapshot } from '../image/read-image.ts';
import { ImageWriter } from '../image/write-image.ts';
import type { ZonePortion } from '../replica/record-sink.ts';
import { answerQuery } from '../serve/answer-query.ts';
import { QueryContext } from '../serve/query-context.ts';
import { Transport } from '../serve/transport.ts';
import type { WriteDraw } from '../serve/uniform-draws.ts';

export function facts(apex: string, soa: Partial<ZoneFacts['soa']> = {}): ZoneFacts {
  return {
    soa: {
      primary: `ns1.${apex}.`,
      contact: `hostmaster.${apex}.`,
      serial: 7,
      refresh: 3600,
      retry: 600,
      expire: 604_800,
      negativeTtl: 60,
      ttl: 3600,
      ...soa,
    },
  };
}

/** Lines of `owner TYPE rdata`, owners relative to the apex, `@` for the apex itself; TTL 300. */
export function zoneOf(
  apex: string,
  lines: string,
  steered: Readonly<Record<string, SteeredRecordSet>> = {},
): ZonePortion {
  const recordSets = new Map<string, RecordSet>();
  for (const line of lines.split('\n')) {
    const [, owner, type, rdata] = /^\s*(\S+)\s+(\S+)\s+(.+)$/.exec(line) ?? [];
    if (owner === undefined) continue;
    const field = `${owner === '@' ? apex : `${owner}.${apex}`}|${type}`;
    const old = recordSets.get(field);
    const rdatas = old?.kind === 'static' ? old.rdata : [];
    recordSets.set(field, { kind: 'static', ttl: 300, rdata: [...rdatas, rdata!] });
  }
  for (const [field, set] of Object.entries(steered)) recordSets.set(field, set);
  return { apex, facts: facts(apex), recordSets: [...recordSets] };
}

export function snapshotOf(...zones: readonly ZonePortion[]): ImageSnapshot {
  return new ImageSnapshot(imageOf(...zones).memory);
}

/** Throws where a record cannot be served. */
export function imageOf(...zones: readonly ZonePortion[]): ImageWriter {
  const image = new ImageWriter(IMAGE_OCTETS, (problem) => {
    throw new Error(JSON.stringify(problem));
  });
  for (const { apex, facts, recordSets } of zones) {
    for (const [field, set] of recordSets) {
      const { owner, type } = parseRecordSetField(field);
      image.put(apex, owner, type, set);
    }
    if (facts !== undefined) image.setFacts(apex, facts);
  }
  return image;
}

/** Everybody gets the answers of one group; `rules` replaces that. */
export function steeredSet(
  groups: SteeredRecordSet['groups'],
  more: Partial<Pick<SteeredRecordSet, 'rules' | 'branches' | 'ttl' | 'views'>> = {},
): SteeredRecordSet {
  return {
    kind: 'steered',
    ttl: 20,
    policy: 'web',
    rules: [{ branch: 0 }],
    branches: groups.map((_, index) => ({ group: index })),
    groups,
    ...more,
  };
}

export function group(
  type: 'A' | 'AAAA' | 'CNAME',
  rdatas: readonly string[],
  more: Partial<SteeredRecordSet['groups'][number]> = {},
): SteeredRecordSet['groups'][number] {
  const answers = rdatas.map((rdata, i) => ({ rdata, target: `target-${i}`, weight: 1 }));
  return { pool: 'pool', type, pick: 'weighted', select: 1, standing: 'healthy', answers, ...more };
}

/** Room for the zones of any test; it costs nothing until it is written to. */
const IMAGE_OCTETS = 64 * 2 ** 20;

export const SOURCE = Uint8Array.of(192, 0, 2, 1);

const writeHalf: WriteDraw = (into) => void into.fill(0.5);

export function contextFor(snapshot: ImageSnapshot, writeDraw: WriteDraw = writeHalf): QueryContext {
  const context = new QueryContext(writeDraw);
  context.snapshot = snapshot;
  return context;
}

export function respond(
  context: QueryContext,
  query: Uint8Array,
  transport: Transport = Transport.udp,
): Buffer {
  const output = new Uint8Array(transport === Transport.udp ? 1232 : 65_535);
  const length = answerQuery(context, query, query.length, SOURCE, transport, output);
  return Buffer.from(output.subarray(0, length));
}

export type Question = Omit<DnsQuestion, 'server' | 'port'>;

/** Over UDP unless `tcp` is set. */
export function askContext(context: QueryContext, question: Question): DnsAnswer {
  const transport = question.tcp === true ? Transport.tcp : Transport.udp;
  return decodeAnswer(respond(context, encodeQuery(question), transport));
}

/** `www.example.net A 192.0.2.1`, one line per record, in order. */
export function shown(records: DnsAnswer['answers']): string[] {
  return records.map((record) => `${record.name} ${record.type} ${dataOf(record)}`);
}

function dataOf(record: DnsAnswer['answers'][number]): string {
  switch (record.type) {
    case 'SOA':
      return `ttl ${record.ttl}`;
    case 'MX':
      return `${record.data.preference} ${record.data.exchange}`;
    case 'SRV':
      return `${record.data.port} ${record.data.target}`;
    case 'A':
    case 'AAAA':
    case 'CNAME':
    case 'NS':
      return record.data;
    default:
      return '';
  }
}
