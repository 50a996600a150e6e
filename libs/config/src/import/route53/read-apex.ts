/** SOA and name servers of a hosted zone. Those of Route 53 are there, but they will not serve the zone any more. */
import type { Compiler } from './compiled-group.ts';
import type { RecordGroup } from './record-groups.ts';

/** The serial that Route 53 writes and never changes. */
const UNUSED_SERIAL = 1;
const MOST_SECONDS = 2_147_483_647;

/** False: the group is neither, and is left to others. */
export function readApexRecord({ owner, types, records }: RecordGroup, compiler: Compiler): boolean {
  const { draft, remarks } = compiler.zone;
  const [type] = types;
  const { set, placeOf, byType } = records[0]!;
  if (owner !== '@' || (type !== 'SOA' && type !== 'NS')) return false;
  const values = compiler.valuesOf(byType.get(type)!);
  if (type === 'NS') {
    draft.addStatic('@', 'NS', set.TTL, values, placeOf());
    const theirs = values.filter((value) => /\.awsdns-\d+\./.test(value));
    if (theirs.length > 0)
      draft.nsRemark = {
        place: placeOf(),
        message: `${theirs.join(', ')} serve the zone at AWS; --ns says which do here`,
      };
    return true;
  }
  const fields = (values[0] ?? '').split(' ');
  if (fields.length !== 7) return true; // it has no value, which was remarked
  const [primary, contact] = fields as [string, string];
  const [serial, refresh, retry, expire, minimum] = fields
    .slice(2)
    .map((field) => Math.min(Number(field), MOST_SECONDS));
  draft.soa = {
    primary,
    contact,
    refresh: refresh!,
    retry: retry!,
    expire: expire!,
    negative_ttl: minimum!,
    ...(set.TTL !== undefined && { ttl: set.TTL }),
  };
  if (serial !== UNUSED_SERIAL) {
    remarks.lost(
      placeOf('ResourceRecords', 0, 'Value'),
      `the serial ${serial}: Signpost numbers what it publishes itself`,
    );
  }
  return true;
}
