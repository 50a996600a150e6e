/**
 * The values of a static record as RDATA in presentation format, the form in which record sets are published.
 * Must not judge them: `encodeRdata` of libs/dns does.
 */
import type { RecordValue, StaticRecordConfiguration } from '@signpost/contracts/configuration';

export type StaticType = StaticRecordConfiguration['type'];

/** RDATA texts in the order of `values`; names stay as written, absolute with the final dot. */
export function recordTexts(_type: StaticType, _values: readonly RecordValue[]): string[] {
  throw new Error('not written yet');
}
