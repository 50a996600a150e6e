import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Status } from '@signpost/contracts/status';

import { drawStatus } from './status.ts';

type Evidence = Status['targets'][number]['evidence'][number];

function statusWith(evidence: Evidence[]): Status {
  return {
    controller: {
      leader: true,
      converged: true,
      generation: 1,
      messagingConnected: true,
      storeConnected: true,
    },
    targets: [
      {
        target: 'eu-a',
        monitor: 'web',
        addresses: ['192.0.2.10'],
        pools: ['eu'],
        state: 'up',
        reason: 'up by 2 of 3 vantages',
        evidence,
      },
    ],
    vantages: [],
    authorities: [],
    zones: [],
    planned: [],
  };
}

function sayingOf(vantage: string, families: Evidence['families']): Evidence {
  return { vantage, prober: `p-${vantage}`, families, fresh: true };
}

test('warnings and what keeps a prober from probing stand beside the reason, each once with who says it', () => {
  const up = {
    state: 'up',
    sinceMs: 1,
    reason: 'probe passed',
    warning: 'certificate expires on 2026-12-24',
  } as const;
  const unable = { state: 'unknown', sinceMs: 1, reason: 'install iputils-ping' } as const;
  const lines = drawStatus(
    statusWith([
      sayingOf('eu', { ipv4: up, ipv6: up }),
      sayingOf('us', { ipv4: up }),
      sayingOf('ap', { ipv4: unable }),
    ]),
    2,
  );
  const line = lines.find((text) => text.includes('eu-a'))!;
  assert.match(
    line,
    /up by 2 of 3 vantages; warning: certificate expires on 2026-12-24 \(eu, us\); install iputils-ping \(ap\)$/,
  );
});

test('a healthy target has its reason alone', () => {
  const passed = { state: 'up', sinceMs: 1, reason: 'probe passed' } as const;
  const lines = drawStatus(statusWith([sayingOf('eu', { ipv4: passed })]), 2);
  assert.match(
    lines.find((text) => text.includes('eu-a'))!,
    /up by 2 of 3 vantages$/,
  );
});
