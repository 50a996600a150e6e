/**
 * The records of a good zone file as the store would hold the zone: facts from its SOA, one static record set for
 * each owner and type. Pure. What is no good was refused before.
 */
import { recordSetField } from '@signpost/contracts/keys';
import type { StaticRecordSet, ZoneFacts } from '@signpost/contracts/record-set';
import { RRType, typeName } from '@signpost/dns/constants';
import { formatName, formatNameKeepingCase } from '@signpost/dns/name-text';
import { formatRdata } from '@signpost/dns/rdata';
import { toCasedName } from '@signpost/dns/wire-name';
import type { ZoneRecord } from '@signpost/dns/zone-file/zone-record';

/** `records` of a zone without mistakes: one SOA, TTLs equal within an RRset. */
export function storedZone(records: readonly ZoneRecord[]): {
  readonly facts: ZoneFacts | undefined;
  readonly recordSets: ReadonlyMap<string, StaticRecordSet>;
} {
  const sets = new Map<string, { kind: 'static'; ttl: number; rdata: string[] }>();
  let facts: ZoneFacts | undefined;
  for (const { owner, type, ttl, rdata } of records) {
    if (type === RRType.SOA) {
      facts = factsOf(ttl, rdata);
      continue;
    }
    const field = recordSetField(formatName(owner), typeName(type));
    const set = sets.get(field);
    if (set === undefined) sets.set(field, { kind: 'static', ttl, rdata: [formatRdata(type, rdata)] });
    else {
      // Signatures are one set here, and an RRset's own signature has its TTL: the lowest serves all.
      set.ttl = Math.min(set.ttl, ttl);
      set.rdata.push(formatRdata(type, rdata));
    }
  }
  return { facts, recordSets: sets };
}

function factsOf(ttl: number, rdata: Uint8Array): ZoneFacts {
  const primary = toCasedName(rdata);
  const contact = toCasedName(rdata, primary.length);
  const view = new DataView(rdata.buffer, rdata.byteOffset + primary.length + contact.length, 20);
  return {
    soa: {
      primary: absolute(primary),
      contact: absolute(contact),
      serial: view.getUint32(0),
      refresh: Math.min(view.getUint32(4), MAX_TTL),
      retry: Math.min(view.getUint32(8), MAX_TTL),
      expire: Math.min(view.getUint32(12), MAX_TTL),
      negativeTtl: Math.min(view.getUint32(16), MAX_TTL),
      ttl,
    },
  };
}

/** RFC 2181 section 8. */
const MAX_TTL = 0x7fff_ffff;

function absolute(name: Uint8Array): string {
  return name[0] === 0 ? '.' : `${formatNameKeepingCase(name)}.`;
}
