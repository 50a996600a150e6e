/**
 * Targets: either addresses or a host name, in a form that the DNS can carry.
 */
import type { TargetConfiguration } from '@signpost/contracts/configuration';
import { parseIpv6 } from '@signpost/dns/address';

import { hostMistake } from './check-probe.ts';
import { nameProblem } from './name-problem.ts';
import type { ReadableParts } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';

export function checkTargets({ nouns }: ReadableParts): ReferenceMistake[] {
  return Object.entries(nouns.targets).flatMap(([name, target]) => checkTarget(name, target));
}

function checkTarget(name: string, { a, aaaa, cname, check }: TargetConfiguration): ReferenceMistake[] {
  const path = ['targets', name];
  const mistakes: ReferenceMistake[] = [];
  if (a === undefined && aaaa === undefined && cname === undefined) {
    mistakes.push({ path, message: 'a target needs an address; add a, aaaa or cname', atKey: true });
  }
  if (aaaa !== undefined && parseIpv6(aaaa) === undefined) {
    const message = `"${aaaa}" is no IPv6 address for the DNS; write one such as 2001:db8::1`;
    mistakes.push({ path: [...path, 'aaaa'], message });
  }
  for (const key of ['host', 'server_name'] as const) {
    for (const { message } of hostMistake([], check?.[key]))
      mistakes.push({ path: [...path, 'check', key], message });
  }
  if (cname === undefined) return mistakes;
  if (a !== undefined || aaaa !== undefined) {
    const message = 'a host name cannot stand beside addresses; keep cname, or a and aaaa';
    mistakes.push({ path: [...path, 'cname'], message });
  }
  const problem = nameProblem(cname);
  if (problem !== undefined) mistakes.push({ path: [...path, 'cname'], message: problem });
  return mistakes;
}
