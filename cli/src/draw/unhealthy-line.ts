/** A rule without a healthy pool, as one line. Pure. */
import { describeUnhealthy, type UnhealthyRule } from '@signpost/contracts/unhealthy-rule';

import { paint } from './print.ts';

/** `unhealthy  www.example.net (rule 1 of policy web): no pool is healthy now, so fail_open: answered with iad-1`. */
export function drawUnhealthy(rule: UnhealthyRule): string {
  return `${paint('red', 'unhealthy')}  ${describeUnhealthy(rule)}`;
}
