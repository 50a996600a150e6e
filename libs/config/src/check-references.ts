/**
 * What the shape of a configuration cannot say: references between nouns, and rules of the DNS.
 * Pure; finds all mistakes in one run, each with the path of the offending value.
 */
import type { Configuration } from '@signpost/contracts/configuration';

import { checkGuards } from './check-guards.ts';
import { checkMonitors } from './check-monitors.ts';
import { checkOverrides } from './check-overrides.ts';
import { checkPolicies } from './check-policies.ts';
import { checkPools } from './check-pools.ts';
import { checkRegional } from './check-regional.ts';
import { checkTargets } from './check-targets.ts';
import { checkUnreadable } from './check-unreadable.ts';
import { checkZones } from './check-zones.ts';
import { partsOf, type ReadableParts } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';

export type { ReferenceMistake };

export function checkReferences(configuration: Configuration): ReferenceMistake[] {
  return checkParts(partsOf(configuration));
}

/** As `checkReferences`, of what could be read; a name that is there but malformed is not called missing. */
export function checkParts(parts: ReadableParts): ReferenceMistake[] {
  const checks = [
    checkMonitors,
    checkRegional,
    checkTargets,
    checkPools,
    checkPolicies,
    checkZones,
    checkOverrides,
    checkGuards,
    checkUnreadable,
  ];
  return checks.flatMap((check) => check(parts));
}
