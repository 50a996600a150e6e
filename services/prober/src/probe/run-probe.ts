/**
 * H3: probes one place once, within the time limit. Never rejects, never throws, leaves nothing open.
 */
import type { Check, Probe } from '@signpost/contracts/probe-assignment';

import { runAttempt, type Attempt } from './attempt.ts';
import { probeDns } from './dns-probe.ts';
import { probeGrpc } from './grpc-probe.ts';
import { probeHttp } from './http-probe.ts';
import { probeIcmp } from './icmp-probe.ts';
import type { ProbeResult } from './probe-result.ts';
import type { ProbeTools } from './probe-tools.ts';
import { reasonOf } from './reason.ts';
import { probeTcp } from './tcp-probe.ts';
import { probeTls } from './tls-probe.ts';

export interface ProbeRequest {
  readonly probe: Probe;
  readonly check: Check;
  readonly timeoutMs: number;
}

export async function runProbe(
  { probe, check, timeoutMs }: ProbeRequest,
  tools: ProbeTools,
  signal: AbortSignal,
): Promise<ProbeResult> {
  try {
    return await runAttempt(timeoutMs, signal, (attempt) => conduct(probe, check, tools, attempt));
  } catch (error) {
    // A mistake of ours; it must neither count against the target nor end the process.
    return { kind: 'inconclusive', reason: `prober failed: ${reasonOf(error)}` };
  }
}

function conduct(probe: Probe, check: Check, tools: ProbeTools, attempt: Attempt): Promise<ProbeResult> {
  switch (probe.type) {
    case 'http':
      return probeHttp(probe, check, tools, attempt);
    case 'tcp':
      return probeTcp(probe, check, tools, attempt);
    case 'tls':
      return probeTls(probe, check, tools, attempt);
    case 'grpc':
      return probeGrpc(probe, check, tools, attempt);
    case 'dns':
      return probeDns(probe, check, tools, attempt);
    case 'icmp':
      return probeIcmp(check, tools, attempt);
    default:
      throw new TypeError(`unhandled probe ${JSON.stringify(probe satisfies never)}`);
  }
}
