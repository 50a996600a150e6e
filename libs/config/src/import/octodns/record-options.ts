/** What `octodns:` of a record says, but for health checks of dynamic records: none of it is for a name server. */
import type { Remarks } from '../remark.ts';
import type { OctodnsEntry } from './octodns-entry.ts';

/** False: octoDNS itself leaves the record alone, and so does the import. */
export function remarkOptions({ record, placeOf }: OctodnsEntry, remarks: Remarks): boolean {
  const { octodns, geo, dynamic } = record;
  if (octodns?.ignored === true) {
    remarks.lost(placeOf('octodns', 'ignored'), 'the record is marked as ignored');
    return false;
  }
  for (const key of ['excluded', 'included'] as const) {
    const providers = octodns?.[key];
    if (providers === undefined) continue;
    remarks.changed(
      placeOf('octodns', key),
      `${key}: ${providers.join(', ')}; the record is served by all nodes`,
    );
  }
  if (octodns?.lenient !== undefined) {
    remarks.lost(placeOf('octodns', 'lenient'), `lenient: ${octodns.lenient}; every record is checked here`);
  }
  if (octodns?.healthcheck !== undefined && dynamic === undefined) {
    remarks.lost(placeOf('octodns', 'healthcheck'), 'the record is static, so nothing is checked');
  }
  if (geo !== undefined) {
    remarks.lost(
      placeOf('geo'),
      "clients everywhere get the record's values, until it is written as dynamic",
      geo,
    );
  }
  return true;
}
