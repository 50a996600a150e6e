/**
 * The additional section of an answer: addresses of the hosts that MX, NS and SRV records point at, as far as the zone
 * itself holds them (RFC 1035 3.3, RFC 2782), and for SVCB and HTTPS what `write-services.ts` says. A kindness that is
 * left out without TC when there is no room (RFC 2181 9).
 */
import { Rcode, RRType } from '@signpost/dns/constants';

import { sameName, type ReadyRecord } from '../replica/zone.ts';
import type { QueryContext } from '../serve/query-context.ts';
import { hostInZone, MOST_TARGETS, writeAddresses } from './write-addresses.ts';
import { writeServices } from './write-services.ts';

/** For the records just written to the answer section. */
export function writeAdditional(context: QueryContext): Rcode {
  switch (context.choice.type) {
    case RRType.MX:
    case RRType.SRV:
    case RRType.NS:
      return writeHosts(context);
    case RRType.SVCB:
    case RRType.HTTPS:
      return writeServices(context);
    default:
      return Rcode.NOERROR;
  }
}

function writeHosts(context: QueryContext): Rcode {
  const { records } = context.choice;
  const count = Math.min(records.length, MOST_TARGETS);
  for (let i = 0; i < count; i += 1) {
    if (isRepeated(records, i)) continue;
    const target = records[i]!.target!;
    const node = hostInZone(context, target);
    if (node !== undefined && !writeAddresses(context, node, target.octets)) break;
  }
  return Rcode.NOERROR;
}

/** Two records may name one host; its addresses are written once. */
function isRepeated(records: readonly ReadyRecord[], index: number): boolean {
  const target = records[index]!.target!;
  for (let i = 0; i < index; i += 1) if (sameName(records[i]!.target!, target)) return true;
  return false;
}
