/** Static records of one owner and type in the making, and how they are written. Data and pure functions. */
import type { ConfigurationInput } from '@signpost/contracts/configuration';
import { typeCode } from '@signpost/dns/constants';
import { encodeRdata } from '@signpost/dns/rdata';

import { textValue } from '../text-value.ts';
import type { SourcePlace } from './remark.ts';

export type ZoneInput = NonNullable<ConfigurationInput['zones']>[string];
export type RecordInput = Exclude<NonNullable<ZoneInput['records']>[string], readonly unknown[]>;

export interface StaticSet {
  readonly place: SourcePlace;
  ttl: number | undefined;
  readonly values: string[];
}

/** TTL of records that name none, as in a configuration. */
export const DEFAULT_ZONE_TTL = 3_600;

export function staticRecord(type: string, { ttl, values }: StaticSet): RecordInput {
  const written = values.map((value) => (type === 'TXT' ? textValue(value) : value));
  return {
    type,
    ...(ttl !== undefined && { ttl }),
    ...(written.length === 1 ? { value: written[0]! } : { values: written }),
  };
}

/**
 * What a zone's `ttl` should be: the TTL that most of its records have, of several the lowest. Not that of its name
 * servers, which lives for days: whatever is added later would.
 */
export function usualTtl(
  sets: readonly { readonly type: string; readonly ttl: number | undefined }[],
): number {
  const counts = new Map<number, number>();
  for (const { type, ttl = DEFAULT_ZONE_TTL } of sets) {
    if (type !== 'NS') counts.set(ttl, (counts.get(ttl) ?? 0) + 1);
  }
  const [usual] = [...counts].toSorted(([a, often], [b, seldom]) => seldom - often || a - b);
  return usual?.[0] ?? DEFAULT_ZONE_TTL;
}

export function withoutTtl(record: RecordInput, zoneTtl: number): RecordInput {
  if (!('type' in record)) return record;
  const { type, ttl = DEFAULT_ZONE_TTL, ...rest } = record;
  return { type, ...(ttl !== zoneTtl && { ttl }), ...rest };
}

export function sameRdata(type: string, a: string, b: string): boolean {
  const code = typeCode(type)!;
  return a === b || Buffer.compare(encodeRdata(code, a), encodeRdata(code, b)) === 0;
}

export function dotted(apex: string): string {
  return apex === '.' ? '.' : `${apex}.`;
}

export function byOwner(a: string, b: string): number {
  if (a === '@' || b === '@') return a === b ? 0 : a === '@' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
