/**
 * Explains, for one client, what `compilePolicy` and `selectAnswer` decide and why, with the same functions.
 * Must not decide anything of its own.
 */
import type { Explanation, RuleView } from '@signpost/contracts/explanation';

import type { PolicyInput, SteeredType } from './compile-policy.ts';
import type { ClientView } from './select-answer.ts';

export interface ExplainedPolicy {
  readonly rules: RuleView[];
  /** One entry per type that has a set; `share` is how often a candidate stands first. */
  readonly answers: Explanation['answers'];
  readonly scope: number;
}

/** `ownerName` in canonical text, as for `prepareSteering`. */
export function explainPolicy(
  _input: PolicyInput,
  _ownerName: string,
  _client: ClientView,
  _types: readonly SteeredType[],
): ExplainedPolicy {
  throw new Error('not written yet');
}
