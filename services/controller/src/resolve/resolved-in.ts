/** Addresses of host names as a controller knows them: found by itself, else as they are published. Pure. */
import type { ResolvedNames } from '@signpost/policy/resolved-names';

import type { ControllerState } from '../reconcile/controller-state.ts';
import { publishedNames } from './published-names.ts';

export function resolvedIn({
  resolved,
  records,
  configuration,
}: Pick<ControllerState, 'resolved' | 'records' | 'configuration'>): ResolvedNames {
  if (configuration === undefined) return (host) => resolved.get(host)?.name;
  const published = publishedNames(configuration.topology, records);
  return (host) => resolved.get(host)?.name ?? published(host);
}

/** One line for each host whose addresses are others now; none for what became known first as it was published. */
export function whyResolved(
  before: ControllerState['resolved'],
  after: ControllerState['resolved'],
): readonly string[] {
  return [...after].flatMap(([host, { name }]) => {
    const was = before.get(host)?.name;
    if (name === undefined || was === name) return [];
    const now = [...name.a, ...name.aaaa].join(', ') || 'no address';
    return was !== undefined && now === ([...was.a, ...was.aaaa].join(', ') || 'no address')
      ? []
      : [`host ${host} has ${now}`];
  });
}
