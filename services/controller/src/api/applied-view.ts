/** What the API answers to an apply, of a file or of a candidate. Pure. */
import type { Applied } from '@signpost/contracts/configuration-changes';

import type { AppliedOutcome } from '../config-store/apply-configuration.ts';

export interface FileFollower {
  /** The configuration file that this controller applies at each of its changes, absolute; absent: none. */
  readonly followedFile?: string | undefined;
}

export function appliedView(
  { revision, changed, changes }: AppliedOutcome,
  { followedFile }: FileFollower,
): Applied {
  return { revision, changed, changes, ...(followedFile !== undefined && { followedFile }) };
}
