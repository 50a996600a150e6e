/**
 * The overrides that stand in the configuration: maintenance windows and the list `overrides`. People planned them,
 * so they are of humans. Pure; equal entries have equal ids, wherever they stand in their list.
 */
import { createHash } from 'node:crypto';

import type { Configuration } from '@signpost/contracts/configuration';
import type { Override } from '@signpost/contracts/override';

type Planned = Omit<Override, 'id' | 'source'>;

export function configuredOverrides({
  maintenance,
  overrides,
}: Pick<Configuration, 'maintenance' | 'overrides'>): readonly Override[] {
  const windows = maintenance.map(({ match, set, by, reason, from, until, for: lasting }) =>
    override('maintenance', {
      match,
      set,
      by,
      reason,
      sinceMs: from,
      untilMs: until ?? from + (lasting ?? 0),
    }),
  );
  const listed = overrides.map(({ match, set, by, reason, from, until }) =>
    override('configured', { match, set, by, reason, sinceMs: from ?? 0, untilMs: until }),
  );
  return [...new Map([...windows, ...listed].map((each) => [each.id, each])).values()];
}

function override(kind: 'maintenance' | 'configured', planned: Planned): Override {
  const { match, set, by, reason, sinceMs, untilMs } = planned;
  const content = JSON.stringify([match, set, by, reason, sinceMs, untilMs]);
  const id = `${kind}-${createHash('sha256').update(content).digest('hex').slice(0, 12)}`;
  return { id, ...planned, source: 'human' };
}
