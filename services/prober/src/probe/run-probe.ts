/**
 * H3: probes one place once, within the time limit. Never rejects, never throws, leaves nothing open.
 */
import type { Check, Probe } from '@signpost/contracts/probe-assignment';

import { runAttempt } from './attempt.ts';
import { probeHttp } from './http-probe.ts';
import type { ProbeResult } from './probe-result.ts';
import type { ProbeTools } from './probe-tools.ts';
import { reasonOf } from './reason.ts';
import { probeTcp } from './tcp-probe.ts';

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
    return await runAttempt(timeoutMs, signal, (attempt) => {
      switch (probe.type) {
        case 'http':
          return probeHttp(probe, check, tools, attempt);
        case 'tcp':
          return probeTcp(check, tools.resolve, attempt);
        default:
          throw new TypeError(`unhandled probe ${JSON.stringify(probe satisfies never)}`);
      }
    });
  } catch (error) {
    // A mistake of ours; it must neither count against the target nor end the process.
    return { kind: 'inconclusive', reason: `prober failed: ${reasonOf(error)}` };
  }
}
