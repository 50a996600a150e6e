/** What the guard of one policy looks at. Types only. */
import type { Configuration } from '@signpost/contracts/configuration';
import type { Approval, GuardMemory, Hold } from '@signpost/contracts/guard';
import type { HealthView } from '@signpost/policy/health-view';
import type { OverrideView } from '@signpost/policy/override-view';

export interface GuardWorld {
  /** As concluded, whatever is held. */
  readonly health: HealthView;
  /** As they are in force, whatever is held. */
  readonly overrides: OverrideView;
  /** Whether more than one source stands behind a verdict of the monitor on the target. */
  readonly isConfirmed: (monitor: string, target: string) => boolean;
  /** By id of the hold. */
  readonly approvals: ReadonlyMap<string, Approval>;
  /** Wall clock. */
  readonly nowMs: number;
}

export interface PolicySubject {
  readonly policy: string;
  readonly applied: { readonly configuration: Configuration; readonly revision: number };
  readonly memory: GuardMemory;
  /** What `memory.revision` names. */
  readonly accepted: Configuration;
  readonly world: GuardWorld;
}

export type WindowEntry = GuardMemory['window'][number];

export function configurationHold({ holds }: Pick<GuardMemory, 'holds'>): Hold | undefined {
  return holds.find(({ cause }) => cause === 'configuration');
}
