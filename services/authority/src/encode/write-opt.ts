/**
 * The OPT record of a response (RFC 6891): there when the query had one, and never else. It is written last into
 * room that was kept free from the start, so nothing that was measured before grows afterwards.
 *
 * Options: Client Subnet when it was asked (RFC 7871), Extended DNS Error when there is something to say (RFC 8914).
 * Unknown options are not echoed, nor is padding or TCP keepalive.
 */
import { clientSubnetLength } from '@signpost/dns/client-subnet';
import type { Query } from '@signpost/dns/query';
import type { Writer } from '@signpost/dns/write-message';

/** Root name, type, class, TTL, RDLENGTH. */
const FIXED_LENGTH = 11;
const OPTION_HEADER_LENGTH = 4;
const EXTENDED_ERROR_LENGTH = 2;

/** Info code 0 is "other error", which we never send: here it stands for none. */
export const NO_EXTENDED_ERROR = 0;

/** Octets to keep free: enough for every option this response may carry. 0 without EDNS. */
export function optRoom(query: Query): number {
  if (!query.hasEdns) return 0;
  const subnet = query.hasClientSubnet ? OPTION_HEADER_LENGTH + clientSubnetLength(query) : 0;
  return FIXED_LENGTH + subnet + OPTION_HEADER_LENGTH + EXTENDED_ERROR_LENGTH;
}

/** Into the room kept free, or without EDNS not at all; sets the response code, whose upper bits stand here. */
export function writeOpt(
  writer: Writer,
  query: Query,
  rcode: number,
  scopePrefixLength: number,
  extendedError: number,
): void {
  writer.setRcode(rcode);
  if (!query.hasEdns) return;
  writer.releaseReserved();
  writer.startOpt(rcode, query.dnssecOk);
  if (query.hasClientSubnet) writer.addClientSubnet(query, scopePrefixLength);
  if (extendedError !== NO_EXTENDED_ERROR) writer.addExtendedError(extendedError);
}
