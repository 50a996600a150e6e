/** How clients spread, as gauges: what is wanted, what was seen, and what is done about it. */
import type { Metrics } from '@signpost/telemetry/metrics';

import type { Correction } from './correct-spread.ts';
import { stageKey, type ShareState } from './evolve-shares.ts';

export function observeShares(metrics: Metrics, shares: () => ShareState): Disposable {
  const shown = new DisposableStack();
  shown.use(
    metrics.gaugeFrom('signpost_target_share_ratio', () =>
      [...shares().pools].flatMap(([pool, correction]) =>
        spreads(correction).map(({ name, kind, value }) => ({ labels: { pool, target: name, kind }, value })),
      ),
    ),
  );
  shown.use(
    metrics.gaugeFrom('signpost_target_weight_factor', () =>
      [...shares().pools].flatMap(([pool, { publishedFactors }]) =>
        [...publishedFactors].map(([target, value]) => ({ labels: { pool, target }, value })),
      ),
    ),
  );
  shown.use(
    metrics.gaugeFrom('signpost_target_keep_ratio', () =>
      [...shares().pools].flatMap(([pool, { publishedKeeps }]) =>
        [...publishedKeeps].map(([target, value]) => ({ labels: { pool, target }, value })),
      ),
    ),
  );
  shown.use(
    metrics.gaugeFrom('signpost_pool_share_ratio', () =>
      stagesOf(shares()).flatMap(([policy, correction]) =>
        spreads(correction).map(({ name, kind, value }) => ({ labels: { policy, pool: name, kind }, value })),
      ),
    ),
  );
  shown.use(
    metrics.gaugeFrom('signpost_pool_weight_factor', () =>
      stagesOf(shares()).flatMap(([policy, { publishedFactors }]) =>
        [...publishedFactors].map(([pool, value]) => ({ labels: { policy, pool }, value })),
      ),
    ),
  );
  return shown;
}

function stagesOf({ plan, stages }: ShareState): (readonly [policy: string, correction: Correction])[] {
  return plan.stages.flatMap((stage) => {
    const correction = stages.get(stageKey(stage));
    return correction === undefined ? [] : [[stage.policy, correction] as const];
  });
}

function spreads(correction: Correction) {
  return (['wanted', 'measured', 'estimated'] as const).flatMap((kind) =>
    [...(correction[kind] ?? [])].map(([name, value]) => ({ name, kind, value })),
  );
}
