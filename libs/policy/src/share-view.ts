/**
 * What a policy knows of how clients truly spread, as against how answers do: factors to its weights, filled by the
 * controller from sampled answers. Must not know samples or caches.
 */

export interface ShareView {
  /** What the weight of a target in a pool is multiplied by, above 0; 1: it is as it should be. */
  factorOf(policy: string, pool: string, target: string): number;
  /** The same for a pool in a `weighted` stage. */
  poolFactorOf(policy: string, pool: string): number;
  /** For bounded affinity: the share of its clients that a target keeps, 0 to 1. */
  keepOf(policy: string, pool: string, target: string): number;
}

export const UNCORRECTED: ShareView = { factorOf: () => 1, poolFactorOf: () => 1, keepOf: () => 1 };
