/** The SOA of a zone of octoDNS, which newer versions have. */
import * as z from 'zod';

import { absoluteHost } from '../canonical-names.ts';
import { shortly } from '../remark.ts';
import { type OctodnsEntry, type OctodnsZone, writtenValues } from './octodns-entry.ts';

const timer = z.coerce.number().int().min(0).max(2_147_483_647);
const soaSchema = z.object({
  mname: z.string(),
  rname: z.string(),
  serial: z.unknown(),
  refresh: timer,
  retry: timer,
  expire: timer,
  minimum: timer,
});

export function readSoa({ record, placeOf }: OctodnsEntry, { draft, remarks }: OctodnsZone): void {
  const [written] = writtenValues(record);
  const read = soaSchema.safeParse(written?.value);
  if (!read.success) {
    remarks.lost(placeOf(), `${shortly(written?.value)} is no SOA as octoDNS has it`, written?.value);
    return;
  }
  const { mname, rname, serial, refresh, retry, expire, minimum } = read.data;
  draft.soa = {
    primary: absoluteHost(mname),
    contact: absoluteHost(rname),
    refresh,
    retry,
    expire,
    negative_ttl: minimum,
    ...(record.ttl !== undefined && { ttl: record.ttl }),
  };
  remarks.lost(
    placeOf(...written!.path, 'serial'),
    `the serial ${String(serial)}: Signpost numbers what it publishes itself`,
  );
}
