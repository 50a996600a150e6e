/**
 * H12, for one record set: presentation format to RDATA octets, policy to prepared steering.
 * Cold path: throws RdataError or NameError on what cannot be served. It must not know where the name stands.
 */
import type { RecordSet, SteeredRecordSet, ZoneFacts } from '@signpost/contracts/record-set';
import { RRType, typeCode } from '@signpost/dns/constants';
import { RdataError } from '@signpost/dns/errors';
import { encodeRdata } from '@signpost/dns/rdata';
import { canonicalRdata } from '@signpost/dns/rdata/canonical-rdata';
import { toWireName } from '@signpost/dns/wire-name';
import { seedOf } from '@signpost/policy/chance';
import type { Flattened } from '@signpost/policy/client-table';
import { prepareSteering } from '@signpost/policy/select-answer';

import type { FlattenedFor } from '../client/flattened-rules.ts';
import { NO_SLOT, type SlotOf } from '../count/target-times.ts';
import { standingIndex } from '../serve/standing.ts';
import { nameView, type NameView, type ReadyRecord, type RRset, type StartOfAuthority } from './zone.ts';

/** `type` as in the store's field, `A` or `TYPE65280`; `owner` in canonical text. */
export function buildRRset(
  type: string,
  owner: string,
  set: RecordSet,
  slotOf: SlotOf,
  flattenedFor?: FlattenedFor,
): RRset {
  const code = typeCode(type);
  if (code === undefined) throw new RdataError(type, 'is no record type; write a known one or TYPE<number>');
  if (set.kind === 'steered') return steered(code, owner, set, slotOf, flattenedFor?.(set));
  return {
    kind: 'static',
    type: code,
    ttlSeconds: set.ttl,
    records: [...new Set(readyRecords(code, unslotted(set.rdata)))], // an RRset holds no record twice (RFC 2181 5)
  };
}

export function buildSoa({ soa }: ZoneFacts): StartOfAuthority {
  const { primary, contact, serial, refresh, retry, expire, negativeTtl } = soa;
  const names = [primary, contact].map((name) => (name.endsWith('.') ? name : `${name}.`));
  const text = [...names, serial, refresh, retry, expire, negativeTtl].join(' ');
  return {
    records: [{ rdata: encodeRdata(RRType.SOA, text), target: undefined, slot: NO_SLOT }],
    ttlSeconds: soa.ttl,
    negativeTtlSeconds: Math.min(soa.ttl, negativeTtl),
  };
}

function unslotted(texts: readonly string[]): { rdata: string; slot: number }[] {
  return texts.map((rdata) => ({ rdata, slot: NO_SLOT }));
}

function steered(
  code: number,
  owner: string,
  set: SteeredRecordSet,
  slotOf: SlotOf,
  flattened: Flattened | undefined,
): RRset {
  return {
    kind: 'steered',
    type: code,
    ttlSeconds: set.ttl,
    steering: prepareSteering(set, slotOf, flattened),
    seed: seedOf(set, owner),
    policy: set.policy,
    groups: set.groups.map((group) => {
      const groupCode = typeCode(group.type)!;
      const answers = group.answers.map(({ rdata, target }) => ({ rdata, slot: slotOf(target) }));
      return {
        pool: group.pool,
        type: groupCode,
        standing: standingIndex(group.standing),
        records: readyRecords(groupCode, answers),
      };
    }),
  };
}

/**
 * In the order of the texts; RDATA that is equal but for the case of its names is one and the same record (RFC 4034
 * 6.2), so that the query path need only compare references.
 */
function readyRecords(
  code: number,
  answers: readonly { readonly rdata: string; readonly slot: number }[],
): ReadyRecord[] {
  const known = new Map<string, ReadyRecord>();
  return answers.map(({ rdata: text, slot }) => {
    const rdata = encodeRdata(code, text);
    const key = canonicalRdata(code, rdata).join();
    const record = known.get(key) ?? { rdata, target: targetOf(code, rdata), slot };
    known.set(key, record);
    return record;
  });
}

/** The name in the RDATA that a client will look for next; preference, priority, weight and port stand before it. */
function targetOf(code: number, rdata: Uint8Array): NameView | undefined {
  switch (code) {
    case RRType.CNAME:
    case RRType.DNAME:
    case RRType.NS:
      return nameView(toWireName(rdata));
    case RRType.MX:
    case RRType.SVCB:
    case RRType.HTTPS:
      return nameView(toWireName(rdata, 2));
    case RRType.SRV:
      return nameView(toWireName(rdata, 6));
    default:
      return undefined;
  }
}
