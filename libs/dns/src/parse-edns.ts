/**
 * Reads an OPT record (RFC 6891) into a reused `Query`: version, sizes, flags
 * and the few options we act on. Unknown options are stepped over and never
 * echoed. Allocates nothing, never throws.
 */
import { parseClientSubnet } from './client-subnet.ts';
import { EDNS_DO, EdnsOption, MIN_UDP_SIZE } from './constants.ts';
import type { Query } from './query.ts';
import { readUint16 } from './uint16.ts';

/**
 * `fixed` is where the record's type stands, `end` one past its RDATA; the caller has checked both.
 * False means malformed. The options of an unknown version are not looked at: their layout may differ.
 */
export function parseEdns(octets: Uint8Array, fixed: number, end: number, query: Query): boolean {
  query.hasEdns = true;
  const size = readUint16(octets, fixed + 2);
  query.udpSize = size < MIN_UDP_SIZE ? MIN_UDP_SIZE : size;
  query.ednsVersion = octets[fixed + 5]!; // after the extended response code, which means nothing here
  query.ednsFlags = readUint16(octets, fixed + 6);
  query.dnssecOk = (query.ednsFlags & EDNS_DO) !== 0;
  return query.ednsVersion > 0 || readOptions(octets, fixed + 10, end, query);
}

function readOptions(octets: Uint8Array, start: number, end: number, query: Query): boolean {
  let at = start;
  while (at < end) {
    if (at + 4 > end) return false;
    const data = at + 4;
    const length = readUint16(octets, at + 2);
    if (data + length > end) return false;
    if (!readOption(octets, readUint16(octets, at), data, length, query)) return false;
    at = data + length;
  }
  return true;
}

/** Of an option that is repeated the first one counts (RFC 7873 5.2 says so for COOKIE). */
function readOption(octets: Uint8Array, code: number, data: number, length: number, query: Query): boolean {
  switch (code) {
    case EdnsOption.CLIENT_SUBNET:
      return query.hasClientSubnet || parseClientSubnet(octets, data, length, query);
    case EdnsOption.COOKIE:
      return query.cookieLength !== 0 || noteCookie(data, length, query);
    case EdnsOption.NSID:
      query.nsidAsked = true;
      return true;
    case EdnsOption.TCP_KEEPALIVE:
      query.tcpKeepaliveAsked = true;
      return true;
    case EdnsOption.PADDING:
      query.isPadded = true;
      return true;
    default:
      return true;
  }
}

/** A client cookie alone is 8 octets, one with a server cookie 16 to 40 (RFC 7873 4). */
function noteCookie(data: number, length: number, query: Query): boolean {
  if (length !== 8 && (length < 16 || length > 40)) return false;
  query.cookieOffset = data;
  query.cookieLength = length;
  return true;
}
