/**
 * What a response counts as when the rate is limited. Answers count by the name that holds them and by type, so that
 * all names a wildcard or a DNAME speaks for are one; denials of names by zone; errors by nothing but the client.
 *
 * TCP and a valid cookie show that the client is where it says it is, so neither is limited.
 */
import { Rcode } from '@signpost/dns/constants';

import { FoundKind } from '../find/find-name.ts';
import type { QueryContext } from '../serve/query-context.ts';
import { Transport } from '../serve/transport.ts';
import { Limited, ResponseKind } from './rate-limiter.ts';

/** For the response that is written; `source` is where it would go. */
export function judgeResponse(context: QueryContext, source: Uint8Array): Limited {
  const { limiter, transport, query, holder, nowMs } = context;
  if (limiter === undefined || transport !== Transport.udp || context.isVerified) return Limited.no;
  const kind = kindOf(context);
  const qtype = kind === ResponseKind.answer ? query.qtype : 0;
  const nameHash = kind === ResponseKind.error || holder === undefined ? 0 : holder.hash;
  return limiter.judge(source, kind, qtype, nameHash, nowMs);
}

function kindOf({ hasAnswer, rcode, holderKind }: QueryContext): ResponseKind {
  if (hasAnswer) return ResponseKind.answer;
  switch (rcode) {
    case Rcode.NOERROR:
      return holderKind === FoundKind.delegation ? ResponseKind.referral : ResponseKind.nodata;
    case Rcode.NXDOMAIN:
      return ResponseKind.nxdomain;
    default:
      return ResponseKind.error;
  }
}
