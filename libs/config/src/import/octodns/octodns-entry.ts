/** A record of octoDNS with where it stands, and what importing one needs. */
import type { NounDraft } from '../noun-draft.ts';
import type { Remarks, SourcePlace } from '../remark.ts';
import type { ZoneDraft } from '../zone-draft.ts';
import type { OctodnsRecord } from './record-shape.ts';

export interface OctodnsEntry {
  /** Relative to the apex, or `@`. */
  readonly owner: string;
  readonly record: OctodnsRecord;
  /** Of a value of the record. */
  readonly placeOf: (...below: readonly (string | number)[]) => SourcePlace;
}

export interface OctodnsZone {
  readonly draft: ZoneDraft;
  readonly nouns: NounDraft;
  readonly remarks: Remarks;
  /** Owners of addresses that a policy chooses. */
  readonly steeredOwners: Set<string>;
}

/** `values`, or `value` as the only one of them, each with the keys that lead to it. */
export function writtenValues({
  value,
  values,
}: OctodnsRecord): readonly { value: unknown; path: (string | number)[] }[] {
  if (Array.isArray(values))
    return values.map((each: unknown, index) => ({ value: each, path: ['values', index] }));
  if (Array.isArray(value))
    return value.map((each: unknown, index) => ({ value: each, path: ['value', index] }));
  if (values !== undefined && values !== null) return [{ value: values, path: ['values'] }];
  return value === undefined || value === null ? [] : [{ value, path: ['value'] }];
}
