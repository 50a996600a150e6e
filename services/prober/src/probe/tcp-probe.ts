/**
 * H3, tcp: passes when the port accepts a connection. Nothing is sent.
 */
import type { Check } from '@signpost/contracts/probe-assignment';

import type { Attempt } from './attempt.ts';
import { openConnection } from './open-connection.ts';
import type { ProbeResult } from './probe-result.ts';
import type { ResolveAddress } from './resolve-address.ts';

export async function probeTcp(
  check: Check,
  resolve: ResolveAddress,
  attempt: Attempt,
): Promise<ProbeResult> {
  const opened = await openConnection(check, resolve, attempt);
  if (opened.kind !== 'open') return opened;
  return { kind: 'pass', roundTripMs: opened.phases.connect ?? 0, phases: opened.phases };
}
