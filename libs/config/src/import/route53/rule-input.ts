/** Rules of a policy, as they are written. */
import type { ConfigurationInput } from '@signpost/contracts/configuration';

type PolicyInput = NonNullable<ConfigurationInput['policies']>[string];
export type RuleInput = PolicyInput['rules'][number];
export type StageInput = RuleInput['try'][number];
