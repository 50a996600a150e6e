/**
 * APL: a list of address prefixes, possibly empty (RFC 3123 4 and 5): `1:192.168.32.0/21 !2:2001:db8::/32`.
 *
 *   | FAMILY: 2 | PREFIX | N: 1 bit, LENGTH: 7 bits | ADDRESS without its final zero octets |
 */
import { formatAddress, parseIpv4, parseIpv6 } from '../address.ts';
import { RdataError } from '../errors.ts';
import { readUint16 } from '../uint16.ts';
import type { RdataFormat } from './rdata-format.ts';
import { shown } from './read-field.ts';
import type { Field } from './split-fields.ts';

const NEGATED = 0x80;
const ITEM = /^(!?)([12]):([^/]+)\/(0|[1-9]\d{0,2})$/;

export const apl: RdataFormat = {
  encode: (fields) => Uint8Array.from(fields.flatMap(encodeItem)),

  format(octets) {
    const items: string[] = [];
    let at = 0;
    while (at < octets.length) {
      if (at + 4 > octets.length) return undefined;
      const length = octets[at + 3]! & ~NEGATED;
      const end = at + 4 + length;
      const size = addressSize(readUint16(octets, at));
      const isWhole = end <= octets.length && length <= size && octets[at + 2]! <= 8 * size;
      if (!isWhole || (length > 0 && octets[end - 1] === 0)) return undefined;
      const address = new Uint8Array(size);
      address.set(octets.subarray(at + 4, end));
      const sign = (octets[at + 3]! & NEGATED) === 0 ? '' : '!';
      items.push(`${sign}${octets[at + 1]}:${formatAddress(address)}/${octets[at + 2]}`);
      at = end;
    }
    return items.join(' ');
  },
};

function encodeItem(field: Field): number[] {
  const [, sign, family, text, prefix] = ITEM.exec(field.text) ?? [];
  const address = family === '1' ? parseIpv4(text!) : family === '2' ? parseIpv6(text!) : undefined;
  if (address === undefined || Number(prefix) > 8 * address.length) {
    throw new RdataError(
      'APL',
      `prefix is ${shown(field)}; write one like 1:192.0.2.0/24 or !2:2001:db8::/32`,
      {
        field,
      },
    );
  }
  let length = address.length;
  while (length > 0 && address[length - 1] === 0) length -= 1;
  return [
    0,
    Number(family),
    Number(prefix),
    (sign === '!' ? NEGATED : 0) | length,
    ...address.subarray(0, length),
  ];
}

/** -1 for a family without a text form. */
function addressSize(family: number): number {
  if (family === 1) return 4;
  return family === 2 ? 16 : -1;
}
