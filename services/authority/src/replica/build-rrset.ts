/**
 * What a worker makes of a policy as the image holds it: prepared steering, and the records of each group ready for the
 * wire. Also how the general path sees a static record set's RDATA. Throws RdataError or NameError on what cannot be
 * served; the writer of the image asks here first, so no reader ever meets that.
 */
import { typeCode } from '@signpost/dns/constants';
import { encodeRdata } from '@signpost/dns/rdata';
import { canonicalRdata } from '@signpost/dns/rdata/canonical-rdata';
import { targetStart } from '@signpost/dns/rdata/target-start';
import { toWireName } from '@signpost/dns/wire-name';
import type { Flattened } from '@signpost/policy/client-table';
import { prepareSteering } from '@signpost/policy/select-answer';

import { NO_SLOT, type SlotOf } from '../count/target-times.ts';
import { standingIndex } from '../serve/standing.ts';
import { nameView, type NameView, type Policy, type PolicySource, type ReadyRecord } from './zone.ts';

/** `flattened` absent: rules are walked. */
export function buildPolicy(set: PolicySource, slotOf: SlotOf, flattened?: Flattened): Policy {
  return {
    steering: prepareSteering(set, slotOf, flattened),
    name: set.policy,
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

/** A record that no policy chose. */
export function readyRecord(code: number, rdata: Uint8Array): ReadyRecord {
  return { rdata, target: targetOf(code, rdata), slot: NO_SLOT };
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

/** The name in the RDATA that a client will look for next. */
function targetOf(code: number, rdata: Uint8Array): NameView | undefined {
  const start = targetStart(code);
  return start === undefined ? undefined : nameView(toWireName(rdata, start));
}
