/** All that a simulation depends on. Types only. */
import type { Configuration } from '@signpost/contracts/configuration';
import type { ClientFinder } from '@signpost/controller/explain/explain';

import type { ClientLine } from './read-clients.ts';
import type { Scenario } from './scenario.ts';
import type { SteeredName } from './steered-name.ts';

export interface SimulationSettings {
  readonly configuration: Configuration;
  readonly name: SteeredName;
  readonly scenario: Scenario;
  /** Absent: made up. */
  readonly clients?: readonly ClientLine[];
  readonly finder: ClientFinder;
  readonly durationMs: number;
  /** Wall clock at which the scenario begins: for time windows. */
  readonly startMs: number;
  readonly seed: number;
}
