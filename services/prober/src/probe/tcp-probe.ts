/**
 * H3, tcp: passes when the port accepts a connection and, if a text is expected, sends it. Nothing is sent unless
 * the monitor says what. The conversation is the same over TLS, see tls-probe.ts.
 */
import type { Check, ProbeOf, Talk } from '@signpost/contracts/probe-assignment';

import type { Attempt } from './attempt.ts';
import { findText } from './find-text.ts';
import { openConnection, type Opened } from './open-connection.ts';
import type { ProbeResult } from './probe-result.ts';
import type { ProbeTools } from './probe-tools.ts';
import { quoted } from './reason.ts';

export async function probeTcp(
  probe: ProbeOf<'tcp'>,
  check: Check,
  tools: ProbeTools,
  attempt: Attempt,
): Promise<ProbeResult> {
  const opened = await openConnection(check, tools.resolve, attempt);
  if (opened.kind !== 'open') return opened;
  return talk(probe, opened, attempt);
}

/** Over an open connection: says what there is to say and waits for what is expected, if anything is. */
export async function talk(
  { send, contains }: Talk,
  { socket, phases, startedMs, certificate }: Extract<Opened, { readonly kind: 'open' }>,
  attempt: Attempt,
): Promise<ProbeResult> {
  const seen = certificate === undefined ? {} : { certificate };
  if (send !== undefined) socket.write(send);
  if (contains === undefined) {
    const roundTripMs = (phases.connect ?? 0) + (phases.tls ?? 0);
    return { kind: 'pass', roundTripMs, phases, ...seen };
  }
  attempt.enter(`waiting for ${quoted(contains)}`);
  const sentMs = performance.now();
  const reason = await findText(socket, contains, 'answer');
  const nowMs = performance.now();
  const roundTripMs = nowMs - startedMs;
  return reason === undefined
    ? { kind: 'pass', roundTripMs, phases: { ...phases, answer: nowMs - sentMs }, ...seen }
    : { kind: 'fail', reason, roundTripMs, ...seen };
}
