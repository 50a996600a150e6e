/** What a rule concludes of a pair, before damping has its say. Types only. */
import type { Family, HealthState } from '@signpost/contracts/health';

export interface Judgement {
  readonly families: ReadonlyMap<Family, { readonly state: HealthState; readonly reason: string }>;
  /** Whether there was enough to judge every family anew; else the last verdict is frozen. */
  readonly settled: boolean;
  /** Said at the end of the reason. */
  readonly note?: string;
  /** When time alone may change it, monotonic; absent: never. */
  readonly dueAtMs?: number;
}
