/**
 * The OPT record of a response (RFC 6891): there when the query had one, and never else. It is written last into
 * room that was kept free from the start, so nothing that was measured before grows afterwards.
 *
 * Options, each once however often it was asked for: Client Subnet (RFC 7871), Cookie (RFC 7873), NSID (RFC 5001) and
 * TCP keepalive (RFC 7828) as the query has them, Extended DNS Error (RFC 8914) when there is something to say, and
 * over TLS Padding (RFC 7830) as the query has it, which comes last. Unknown options are not echoed.
 */
import { clientSubnetLength } from '@signpost/dns/client-subnet';
import { EdnsOption, ExtendedError } from '@signpost/dns/constants';
import { COOKIE_LENGTH } from '@signpost/dns/server-cookie';

import { NO_EXTENDED_ERROR, type QueryContext } from '../serve/query-context.ts';
import { STANDING_TEXTS } from '../serve/standing.ts';
import { Transport } from '../serve/transport.ts';

/** Root name, type, class, TTL, RDLENGTH. */
const FIXED_LENGTH = 11;
const OPTION_HEADER_LENGTH = 4;
const EXTENDED_ERROR_LENGTH = 2;
const KEEPALIVE_LENGTH = 2;
/** Responses over TLS have lengths that are multiples of this (RFC 8467 4.1). */
const PADDED_BLOCK_LENGTH = 468;

/** A question of full length, the longest NSID and all other options fit into 512 octets. */
export const MAX_NSID_LENGTH = 128;

/**
 * Octets to keep free: enough for every option this response may carry, and no more, or it would be truncated for
 * nothing. Who is refused gets no records, so there is room for the reason without keeping it. 0 without EDNS.
 */
export function optRoom(context: QueryContext): number {
  const { query, nsid, isStale } = context;
  if (!query.hasEdns) return 0;
  let room = FIXED_LENGTH;
  if (isStale) room += OPTION_HEADER_LENGTH + EXTENDED_ERROR_LENGTH;
  if (query.hasClientSubnet) room += OPTION_HEADER_LENGTH + clientSubnetLength(query);
  if (hasCookie(context)) room += OPTION_HEADER_LENGTH + COOKIE_LENGTH;
  if (query.nsidAsked && nsid !== undefined) room += OPTION_HEADER_LENGTH + nsid.length;
  if (hasKeepalive(context)) room += OPTION_HEADER_LENGTH + KEEPALIVE_LENGTH;
  if (hasPadding(context)) room += OPTION_HEADER_LENGTH;
  return room;
}

/** Into the room kept free, or without EDNS not at all; sets the response code, whose upper bits stand here. */
export function writeOpt(context: QueryContext, scopePrefixLength: number): void {
  const { writer, query, rcode, nsid, extendedError } = context;
  writer.setRcode(rcode);
  if (!query.hasEdns) return;
  writer.releaseReserved();
  writer.startOpt(rcode, query.dnssecOk);
  if (query.hasClientSubnet) writer.addClientSubnet(query, scopePrefixLength);
  if (hasCookie(context)) writer.addOption(EdnsOption.COOKIE, context.cookies!.response);
  if (query.nsidAsked && nsid !== undefined) writer.addOption(EdnsOption.NSID, nsid);
  if (hasKeepalive(context)) writer.addOption(EdnsOption.TCP_KEEPALIVE, context.keepalive!);
  // One that came of steering has room only where the records left some: it explains, nobody needs it.
  if (extendedError === ExtendedError.OTHER) {
    writer.addExtendedError(extendedError, STANDING_TEXTS[context.standing]);
  } else if (extendedError !== NO_EXTENDED_ERROR) writer.addExtendedError(extendedError);
  if (hasPadding(context)) writer.addPadding(PADDED_BLOCK_LENGTH);
}

function hasCookie({ query, cookies }: QueryContext): boolean {
  return query.cookieLength > 0 && cookies !== undefined;
}

/** A UDP client has nothing to keep alive: its option is ignored (RFC 7828 3.2.1). */
function hasKeepalive({ query, transport, keepalive }: QueryContext): boolean {
  return query.tcpKeepaliveAsked && transport !== Transport.udp && keepalive !== undefined;
}

/** What everybody on the way can read gains nothing by padding (RFC 7830 6). */
function hasPadding({ query, transport }: QueryContext): boolean {
  return query.isPadded && transport === Transport.tls;
}
