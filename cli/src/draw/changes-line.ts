/** What an apply, of a file or of a candidate, took away, added and changed, as one line. Pure. */
import {
  type Applied,
  type ConfigurationChanges,
  type Noun,
  NOUNS,
} from '@signpost/contracts/configuration-changes';

import { count } from './count.ts';

const ZONES_SHOWN = 5;

/** `takes away 1 zone (old.example) and 3 targets, adds 1 pool, changes 2 policies`; empty where no noun changed. */
export function drawChanges({ nouns, removedZones }: ConfigurationChanges): string {
  const gone = namesOf(removedZones);
  const part = (verb: string, change: 'removed' | 'added' | 'changed'): string[] => {
    const counts = NOUNS.flatMap((noun) => {
      const changed = nouns[noun]?.[change] ?? 0;
      const names = noun === 'zones' && change === 'removed' ? gone : '';
      return changed === 0 ? [] : [`${count(changed, SINGULAR[noun], noun)}${names}`];
    });
    return counts.length === 0 ? [] : [`${verb} ${listed(counts)}`];
  };
  return [...part('takes away', 'removed'), ...part('adds', 'added'), ...part('changes', 'changed')].join(
    '; ',
  );
}

/** `x.yaml applied as revision 7: adds 1 zone`. */
export function drawApplied(what: string, { revision, changed, changes }: Applied): string {
  if (!changed) return `${what} is what runs already (revision ${revision})`;
  const told = drawChanges(changes);
  return `${what} applied as revision ${revision}${told === '' ? '' : `: ${told}`}`;
}

export function drawFollowed(followedFile: string): string {
  return `warning: the controller follows ${followedFile}: the next change of that file replaces what was applied now; change it there too`;
}

const SINGULAR: Readonly<Record<Noun, string>> = {
  zones: 'zone',
  targets: 'target',
  pools: 'pool',
  policies: 'policy',
  monitors: 'monitor',
  vantages: 'vantage',
};

function namesOf(zones: readonly string[]): string {
  const more = zones.length > ZONES_SHOWN ? ` and ${zones.length - ZONES_SHOWN} more` : '';
  return ` (${zones.slice(0, ZONES_SHOWN).join(', ')}${more})`;
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
