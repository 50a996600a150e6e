/**
 * IPSECKEY and AMTRELAY: a gateway or relay that is an address, a name or nothing, as its type says (RFC 4025 2,
 * RFC 8777 4).
 *
 *   IPSECKEY  | PRECEDENCE | GATEWAY TYPE       | ALGORITHM | GATEWAY | KEY to the end, none for algorithm 0 |
 *   AMTRELAY  | PRECEDENCE | D: 1 bit, TYPE: 7  | RELAY |
 */
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../address.ts';
import { RdataError } from '../errors.ts';
import { type CasedName, endOfName } from '../wire-name.ts';
import { base64ToEnd } from './parts.ts';
import type { RdataFormat } from './rdata-format.ts';
import { expectFields, readName, readNumber, shown } from './read-field.ts';
import type { Field } from './split-fields.ts';
import { nameField } from './write-field.ts';

const MOST_GATEWAY_TYPE = 3;
const DISCOVERY_OPTIONAL = 0x80;
const KEY = base64ToEnd('key');

export const ipseckey: RdataFormat = {
  encode(fields, origin) {
    if (fields.length < 4) expectFields('IPSECKEY', fields, 'precedence gateway-type algorithm gateway key');
    const type = readNumber('IPSECKEY', 'gateway-type', fields[1]!, MOST_GATEWAY_TYPE);
    const algorithm = readNumber('IPSECKEY', 'algorithm', fields[2]!, 255);
    const head = [readNumber('IPSECKEY', 'precedence', fields[0]!, 255), type, algorithm];
    const keyFields = fields.slice(4);
    const hasKey = keyFields.length > 0;
    if (algorithm !== 0 && !hasKey)
      expectFields('IPSECKEY', fields, 'precedence gateway-type algorithm gateway key');
    const key = hasKey ? Array.from(KEY.encode('IPSECKEY', keyFields, origin)) : [];
    return Uint8Array.from([...head, ...encodeGateway('IPSECKEY', type, fields[3]!, origin), ...key]);
  },

  format(octets) {
    const gateway = formatGateway(octets, octets[1] ?? -1, 3);
    if (gateway === undefined) return undefined;
    const key = KEY.format(octets, gateway.end)?.text;
    if (key === undefined && octets[2] !== 0) return undefined;
    return [octets[0], octets[1], octets[2], gateway.text, ...(key === undefined ? [] : [key])].join(' ');
  },
};

export const amtrelay: RdataFormat = {
  encode(fields, origin) {
    expectFields('AMTRELAY', fields, 'precedence discovery-optional type relay');
    const optional = readNumber('AMTRELAY', 'discovery-optional', fields[1]!, 1);
    const type = readNumber('AMTRELAY', 'type', fields[2]!, MOST_GATEWAY_TYPE);
    const precedence = readNumber('AMTRELAY', 'precedence', fields[0]!, 255);
    const relay = encodeGateway('AMTRELAY', type, fields[3]!, origin);
    return Uint8Array.from([precedence, (optional === 0 ? 0 : DISCOVERY_OPTIONAL) | type, ...relay]);
  },

  format(octets) {
    const type = (octets[1] ?? -1) & ~DISCOVERY_OPTIONAL;
    const relay = formatGateway(octets, type, 2);
    if (relay?.end !== octets.length) return undefined;
    return `${octets[0]} ${octets[1]! >> 7} ${type} ${relay.text}`;
  },
};

function encodeGateway(
  rrtype: string,
  type: number,
  field: Field,
  origin: CasedName | undefined,
): Iterable<number> {
  const wanted = ['a single dot', 'an IPv4 address', 'an IPv6 address'][type];
  if (wanted === undefined) return readName(rrtype, 'gateway', field, origin);
  const octets = type === 0 ? none(field) : type === 1 ? parseIpv4(field.text) : parseIpv6(field.text);
  if (octets !== undefined) return octets;
  throw new RdataError(rrtype, `gateway is ${shown(field)}; type ${type} wants ${wanted}`, { field });
}

function none(field: Field): Iterable<number> | undefined {
  return field.text === '.' ? [] : undefined;
}

function formatGateway(
  octets: Uint8Array,
  type: number,
  at: number,
): { text: string; end: number } | undefined {
  const end = type === 3 ? endOfName(octets, at, octets.length) : at + ([0, 4, 16][type] ?? Number.NaN);
  if (!(end >= at && end <= octets.length)) return undefined;
  const gateway = octets.subarray(at, end);
  switch (type) {
    case 0:
      return { text: '.', end };
    case 1:
      return { text: formatIpv4(gateway), end };
    case 2:
      return { text: formatIpv6(gateway), end };
    default:
      return { text: nameField(gateway), end };
  }
}
