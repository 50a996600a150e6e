/**
 * H3, tls: passes when the handshake ends with the certificate wanted, the server chooses a protocol if some are
 * offered, and the text expected comes, if one is. For what speaks TLS and is not HTTP: SMTPS, IMAPS, Redis, LDAPS.
 */
import type { Check, ProbeOf } from '@signpost/contracts/probe-assignment';

import type { Attempt } from './attempt.ts';
import { openConnection } from './open-connection.ts';
import type { ProbeResult } from './probe-result.ts';
import type { ProbeTools } from './probe-tools.ts';
import { anyOf } from './reason.ts';
import { secureTerms } from './secure-terms.ts';
import { talk } from './tcp-probe.ts';

export async function probeTls(
  probe: ProbeOf<'tls'>,
  check: Check,
  tools: ProbeTools,
  attempt: Attempt,
): Promise<ProbeResult> {
  const { alpn = [] } = probe;
  const secure = secureTerms(probe.tls, check.address, alpn, tools.trusted);
  if (secure.kind === 'unable') return secure;
  const opened = await openConnection(check, tools.resolve, attempt, secure);
  if (opened.kind !== 'open') return opened;
  if (alpn.length > 0 && (opened.alpn === undefined || !alpn.includes(opened.alpn))) {
    return { kind: 'fail', reason: `server chose no protocol of those offered: ${anyOf(alpn)}` };
  }
  return talk(probe, opened, attempt);
}
